// Memory that runs out at any allocation: the right answer, or std::bad_alloc and nothing left behind.
#include "failing_allocations.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "../files/made_files.h"
#include "../problem/least_squares.h"
#include "../temporary_folder.h"
#include "etamax/analyze/analyze.h"
#include "etamax/diagnose/diagnose.h"
#include "etamax/draw/svg.h"
#include "etamax/explain/explain.h"
#include "etamax/expr/function.h"
#include "etamax/expr/objective_table.h"
#include "etamax/files/bytes.h"
#include "etamax/files/image_file.h"
#include "etamax/files/images.h"
#include "etamax/files/npy.h"
#include "etamax/files/numeric_table.h"
#include "etamax/files/replace_file.h"
#include "etamax/files/safetensors.h"
#include "etamax/files/torch_save.h"
#include "etamax/files/zip.h"
#include "etamax/problem/function_problem.h"
#include "etamax/report/analysis.h"
#include "etamax/report/diagnosis.h"
#include "etamax/report/explanation.h"
#include "etamax/report/tuning.h"
#include "etamax/tune/tune.h"

namespace etamax::testing {
namespace {

/// A tree of nlohmann::json makes a list of its parts before it destroys them, in a destructor: where that list does
/// not fit, nothing but std::terminate is left. The program then says what every lack of memory says.
enum class Termination { never, in_json };

/// The numbers of `most` allocations among all, or of all: the first ones, and others evenly.
std::set<long> chosen(long all, long most) {
  std::set<long> numbers;
  for (long i = 0; i < std::min(all, most); ++i) numbers.insert(i < most / 4 ? i + 1 : 1 + i * all / most);
  numbers.insert(all);
  return numbers;
}

void expect_sound(const AnyRun& run, Termination termination = Termination::never, long most = 60) {
  const long all = allocations_of(run);
  ASSERT_GT(all, 0);
  std::map<Outcome, long> counts;
  for (const Failing failing : {Failing::once, Failing::from_then_on})
    for (const long k : chosen(all, most)) {
      std::string why;
      const Outcome outcome = outcome_of(run, failing, k, why);
      ++counts[outcome];
      const char* also = failing == Failing::once ? "" : " and later ones";
      ASSERT_NE(outcome, Outcome::wrong) << "allocation " << k << " of " << all << also << ": " << why;
      ASSERT_TRUE(outcome != Outcome::terminated || termination == Termination::in_json)
          << "allocation " << k << " of " << all << also << ": std::terminate";
    }
  EXPECT_GT(counts[Outcome::out_of_memory], 0);
  std::printf("%ld allocations: %ld answered, %ld out of memory, %ld terminated\n", all, counts[Outcome::answered],
              counts[Outcome::out_of_memory], counts[Outcome::terminated]);
}

template <typename Answer>
std::string reported(Answer answer) {
  answer.cost = {};
  return to_svg(poster(answer), Theme::light) + to_text(answer, {}) + to_csv(answer);
}

// The verbs

Explanation explained() {
  ExplainOptions options;
  options.expression = "x^2";
  options.start = {{"x", 1}};
  options.lr = {0.1, 1.2};
  return explain(options);
}

TEST(FailingAllocations, OfExplain) {
  expect_sound([](const Armed& armed) {
    std::string report;
    armed([&] { report = reported(explained()); });
    return report;
  });
}

TEST(FailingAllocations, OfAPageWithItsJson) {
  const Explanation answer = explained();
  expect_sound(
      [&answer](const Armed& armed) {
        std::string page;
        armed([&] { page = to_html(answer); });
        return page;
      },
      Termination::in_json);
}

TEST(FailingAllocations, OfDiagnose) {
  std::string csv = "step,loss,lr\n", text, lines;
  for (int i = 0; i < 60; ++i) {
    const std::string loss = std::to_string(1 + 1e-3 * std::pow(1.3, i));
    csv += std::to_string(i) + "," + loss + ",0.1\n";
    text += "step " + std::to_string(i) + ": loss " + loss + ", lr 0.1\n";
    lines += R"({"step": )" + std::to_string(i) + R"(, "loss": )" + loss + "}\n";
  }
  for (const std::string& log : {csv, text, lines}) {
    SCOPED_TRACE(log.substr(0, 20));
    expect_sound([&log](const Armed& armed) {
      std::string report;
      armed([&] {
        ByteSource source = ByteSource::memory(log);
        report = reported(diagnose(source, {}));
      });
      return report;
    });
  }
}

TEST(FailingAllocations, OfAnalyzeOfATypedFunction) {
  expect_sound([](const Armed& armed) {
    std::string report;
    armed([&] {
      const NamedExpression named = parse_objective("0.5*(x^2 + 100*y^2)");
      const Function function(named.expression, named.variables);
      FunctionObjective f(function, std::vector<double>{1, 1}, named.variables);
      DenseProblem problem(f, make_optimizer("adam", {}));
      AnalyzeOptions options;
      options.lr = 0.001;
      options.steps = 20;
      report = reported(analyze(problem, options));
    });
    return report;
  });
}

TEST(FailingAllocations, OfAnalyzeOfAnOperator) {
  expect_sound([](const Armed& armed) {
    std::string report;
    armed([&] {
      LeastSquares f(20, 5, 3);
      DenseProblem problem(f, make_optimizer("sgd", {{"momentum", 0.9}}));
      AnalyzeOptions options;
      options.steps = 10;
      options.batch_size = 10;
      report = reported(analyze(problem, options));
    });
    return report;
  });
}

class FailingAllocationsFiles : public WithFolder {
 protected:
  std::set<std::string> names() const {
    std::set<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) found.insert(entry.path().filename());
    return found;
  }
};

TEST_F(FailingAllocationsFiles, OfTuneWithItsStateFile) {
  expect_sound(
      [this](const Armed& armed) {
        const auto tuned = [&] {
          LeastSquares f(20, 3, 3);
          DenseProblem problem(f, make_optimizer("gd", {}));
          TuneOptions options;
          options.steps = 20;
          options.seeds = 1;
          options.state = path("state.json");
          return reported(tune(problem, options));
        };
        std::string report;
        try {
          armed([&] { report = tuned(); });
        } catch (const std::bad_alloc&) {
          if (names() != std::set<std::string>{"state.json"} && !names().empty())
            throw std::logic_error("a file was left beside the state");
          const std::string carried_on = tuned();
          std::filesystem::remove(path("state.json"));
          if (carried_on != tuned()) throw std::logic_error("the state that was left leads to another answer");
          throw;
        }
        std::filesystem::remove(path("state.json"));
        return report;
      },
      Termination::in_json, 20);
}

TEST_F(FailingAllocationsFiles, OfAFileThatIsReplaced) {
  expect_sound(
      [this](const Armed& armed) {
        const std::string name = file("answer.json", "the old answer");
        try {
          armed([&] { replace_file("output", name, "the new answer"); });
        } catch (const std::bad_alloc&) {
          if (names() != std::set<std::string>{"answer.json"}) throw std::logic_error("a file was left beside it");
          if (read_whole_file(name) != "the old answer") throw std::logic_error("the file was changed");
          throw;
        }
        return read_whole_file(name);
      },
      Termination::never, 1000);
}

// The readers

std::string corpus(const std::string& name) {
  std::stringstream text;
  text << std::ifstream(ETAMAX_SOURCE_DIR "/tests/fuzz/corpus/" + name, std::ios::binary).rdbuf();
  return text.str();
}

std::string text_of(const NumberArray& array) {
  std::string text;
  for (std::size_t i = 0; i < array.size(); ++i) text += std::to_string(array.at(i)) + " ";
  return text;
}

std::string text_of(const ArrayFile& file) {
  std::string text;
  for (const std::string& name : file.names) text += name + ": " + text_of(file.read(name));
  return text;
}

std::string text_of(const Image& image) {
  std::string text = std::to_string(image.width);
  for (const float value : image.values) text += " " + std::to_string(value);
  return text;
}

struct Reader {
  std::string name, bytes;
  std::string (*read)(const std::string& bytes);
  Termination termination = Termination::never;
};

std::vector<Reader> readers() {
  return {
      {"csv", "size,kind\n1,cat\n2,ant\n3,cat\n",
       [](const std::string& bytes) {
         const auto last = [](std::size_t columns, const std::vector<std::string>&) { return columns - 1; };
         const NumericTable table = read_numeric_csv("a", bytes, last);
         return std::to_string(table.rows()) + table.names.back() + table.classes.back();
       }},
      {"gzip", gzipped(std::string(100000, 'x')), [](const std::string& bytes) { return gunzip("a", bytes, 1 << 20); }},
      {"npy", corpus("npz/fortran.npy"), [](const std::string& bytes) { return text_of(read_npy("a", bytes)); }},
      {"npz", corpus("npz/packed.npz"), [](const std::string& bytes) { return text_of(open_npz("a", bytes)); }},
      {"idx", corpus("idx/images"), [](const std::string& bytes) { return std::string(read_idx("a", bytes).values); }},
      {"safetensors", corpus("safetensors/two"),
       [](const std::string& bytes) { return text_of(open_safetensors("a", bytes)); }, Termination::in_json},
      {"torch_save", corpus("torch_save/weights"),
       [](const std::string& bytes) {
         const TorchSave file = open_torch_save("a", bytes);
         std::string text;
         for (std::size_t i = 1; i < file.root->items.size(); i += 2)
           if (file.root->items[i]->kind == SavedValue::Kind::tensor)
             text += text_of(file.read(*file.root->items[i], "t"));
         return text;
       }},
      {"png", corpus("png/rgb"), [](const std::string& bytes) { return text_of(read_png("a", bytes)); }},
      {"pnm", corpus("pnm/text"), [](const std::string& bytes) { return text_of(read_pnm("a", bytes)); }},
  };
}

TEST(FailingAllocations, OfEveryReader) {
  for (const Reader& reader : readers()) {
    SCOPED_TRACE(reader.name);
    expect_sound(
        [&reader](const Armed& armed) {
          std::string text;
          armed([&] { text = reader.read(reader.bytes); });
          return text;
        },
        reader.termination, 1000);
  }
}

}  // namespace
}  // namespace etamax::testing
