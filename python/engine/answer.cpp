#include "answer.h"

#include <sys/resource.h>

#include "etamax/draw/rsvg.h"

namespace py = pybind11;

namespace etamax::python {

std::string drawn(std::string content, const OutputFormat& format) {
  const std::string ending = format.ending;
  return ending == ".png" ? png_from_svg(content) : ending == ".pdf" ? pdf_from_svg(content) : content;
}

long peak_rss_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

void bind_answer(py::module_& module) {
  py::class_<Answer>(module, "Answer")
      .def("json", &Answer::json)
      .def(
          "text",
          [](const Answer& answer, bool color, bool unicode, int width) {
            return answer.text({color, unicode, width});
          },
          py::arg("color"), py::arg("unicode"), py::arg("width"))
      .def(
          "content",
          [](const Answer& answer, const std::string& ending, const std::string& figure) {
            return py::bytes(answer.content(*output_format("x" + ending), figure, {}));
          },
          py::arg("ending"), py::arg("figure") = "")
      .def(
          "save",
          [](const Answer& answer, const std::string& path, const std::string& figure, const std::string& lab) {
            if (path.empty())  // which to the program says that there is no file
              throw InputError("output", "''", "a name that ends in " + output_endings(false));
            check_output(path, figure);
            replace_file("output", path, answer.content(*output_format(path), figure, lab));
          },
          py::arg("path"), py::arg("figure") = "", py::arg("lab") = "");
}

}  // namespace etamax::python
