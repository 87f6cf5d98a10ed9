#include "etamax/draw/svg.h"

#include <fmt/format.h>

#include <cmath>
#include <stdexcept>

#include "etamax/draw/escape.h"
#include "etamax/draw/png.h"

namespace etamax {
namespace {

std::string hex(Rgb rgb) { return fmt::format("#{:02x}{:02x}{:02x}", rgb.red, rgb.green, rgb.blue); }

class Writer {
 public:
  Writer(const Drawing& drawing, Theme theme, const std::string& id) : theme_(theme) {
    const bool page = theme == Theme::page;
    out_ = fmt::format(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {} {}\" width=\"{}\" height=\"{}\" role=\"img\" "
        "aria-labelledby=\"{}-title {}-desc\" font-family=\"system-ui, 'DejaVu Sans', sans-serif\">\n",
        number(drawing.width), number(drawing.height), number(drawing.width), number(drawing.height), id, id);
    out_ += fmt::format("<title id=\"{}-title\">{}</title>\n<desc id=\"{}-desc\">{}</desc>\n", id,
                        escaped(drawing.title), id, escaped(drawing.description));
    if (!page)
      out_ += fmt::format("<rect width=\"{}\" height=\"{}\" fill=\"{}\"/>\n", number(drawing.width),
                          number(drawing.height), color(Color::paper));
    for (const auto& item : drawing.items) std::visit([this](const auto& shape) { write(shape); }, item);
    out_ += "</svg>\n";
  }

  std::string take() { return std::move(out_); }

 private:
  /// Two decimals are a fiftieth of what a screen shows. A number that is none would break the picture
  /// silently.
  static std::string number(double value) {
    if (!std::isfinite(value)) throw std::logic_error("a picture has a coordinate that is not a number");
    std::string text = fmt::format("{:.2f}", value);
    while (text.back() == '0') text.pop_back();
    if (text.back() == '.') text.pop_back();
    return text == "-0" ? "0" : text;
  }

  std::string color(Color c) const {
    return theme_ == Theme::page ? fmt::format("var(--{})", name(c)) : hex(shade(c, theme_ == Theme::dark));
  }

  std::string paint(const char* what, const std::optional<Paint>& p) const {
    if (!p) return fmt::format(" {}=\"none\"", what);
    std::string text = fmt::format(" {}=\"{}\"", what, color(p->color));
    if (p->opacity < 1) text += fmt::format(" {}-opacity=\"{}\"", what, number(p->opacity));
    return text;
  }

  void write(const Drawing::Path& path) {
    out_ += "<path d=\"";
    for (const auto& part : path.parts) {
      for (std::size_t i = 0; i < part.size(); ++i) {
        out_ += i == 0 ? 'M' : 'L';
        out_ += number(part[i].x) + " " + number(part[i].y);
      }
      if (path.closed) out_ += 'Z';
    }
    out_ += "\"" + paint("fill", path.fill);
    if (path.closed && path.parts.size() > 1) out_ += " fill-rule=\"evenodd\"";
    if (path.stroke) {
      out_ += paint("stroke", path.stroke) +
              fmt::format(" stroke-width=\"{}\" stroke-linejoin=\"round\"", number(path.width));
      if (path.dash != Dash::solid)
        out_ += fmt::format(" stroke-dasharray=\"{}\"", path.dash == Dash::dashed ? "7 4" : "1.5 3.5");
      if (path.dash != Dash::dashed) out_ += " stroke-linecap=\"round\"";
    }
    out_ += "/>\n";
  }

  void write(const Drawing::Marker& m) {
    const double x = m.at.x, y = m.at.y, r = m.radius;
    const auto polygon = [&](std::initializer_list<Point2> corners) {
      std::string d;
      for (Point2 p : corners) d += (d.empty() ? "M" : "L") + number(x + r * p.x) + " " + number(y + r * p.y);
      return "<path d=\"" + d + "Z\"";
    };
    std::string element;
    switch (m.shape) {
      case Shape::circle:
      case Shape::ring:
        element = fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"{}\"", number(x), number(y),
                              number(m.shape == Shape::ring ? r - 1 : r));
        break;
      case Shape::square:
        element = polygon({{-.9, -.9}, {.9, -.9}, {.9, .9}, {-.9, .9}});
        break;
      case Shape::diamond:
        element = polygon({{0, -1.2}, {1.2, 0}, {0, 1.2}, {-1.2, 0}});
        break;
      case Shape::triangle_up:
        element = polygon({{0, -1.15}, {1.1, .85}, {-1.1, .85}});
        break;
      case Shape::triangle_down:
        element = polygon({{0, 1.15}, {1.1, -.85}, {-1.1, -.85}});
        break;
      case Shape::triangle_right:
        element = polygon({{1.15, 0}, {-.85, 1.1}, {-.85, -1.1}});
        break;
      case Shape::plus:
        element = polygon({{-.35, -1},
                           {.35, -1},
                           {.35, -.35},
                           {1, -.35},
                           {1, .35},
                           {.35, .35},
                           {.35, 1},
                           {-.35, 1},
                           {-.35, .35},
                           {-1, .35},
                           {-1, -.35},
                           {-.35, -.35}});
        break;
      case Shape::cross:
        element = polygon({{-.95, -.5},
                           {-.5, -.95},
                           {0, -.45},
                           {.5, -.95},
                           {.95, -.5},
                           {.45, 0},
                           {.95, .5},
                           {.5, .95},
                           {0, .45},
                           {-.5, .95},
                           {-.95, .5},
                           {-.45, 0}});
        break;
    }
    // A rim in the background's color keeps markers apart where they touch.
    out_ += element;
    if (m.shape == Shape::ring)
      out_ += paint("stroke", m.paint) + fmt::format(" fill=\"{}\" stroke-width=\"2\"", color(Color::paper));
    else
      out_ += paint("fill", m.paint) + fmt::format(" stroke=\"{}\" stroke-width=\"{}\" stroke-opacity=\"{}\"",
                                                   color(Color::paper), number(m.radius < 4 ? 0.5 : 1),
                                                   number(m.paint.opacity));
    out_ += m.tip.empty()
                ? "/>\n"
                : "><title>" + escaped(m.tip) + "</title></" + (element[1] == 'c' ? "circle" : "path") + ">\n";
  }

  void write(const Drawing::Text& text) {
    out_ += fmt::format("<text x=\"{}\" y=\"{}\" font-size=\"{}\" fill=\"{}\"", number(text.at.x), number(text.at.y),
                        number(text.size), color(text.color));
    if (text.anchor != Anchor::start)
      out_ += fmt::format(" text-anchor=\"{}\"", text.anchor == Anchor::middle ? "middle" : "end");
    if (text.bold) out_ += " font-weight=\"600\"";
    out_ += ">" + escaped(text.text) + "</text>\n";
  }

  void write(const Drawing::Image& image) {
    const Box& box = image.box;
    out_ += fmt::format(
        "<image x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" preserveAspectRatio=\"none\" style=\"image-rendering:pixelated\" "
        "href=\"data:image/png;base64,{}\"/>\n",
        number(box.left), number(box.top), number(box.right - box.left), number(box.bottom - box.top),
        base64(image.png));
  }

  Theme theme_;
  std::string out_;
};

}  // namespace

std::string to_svg(const Drawing& drawing, Theme theme, const std::string& id) {
  return Writer(drawing, theme, id).take();
}

std::string theme_css(bool dark) {
  std::string css;
  for (int i = 0; i < kColors; ++i) {
    const auto color = static_cast<Color>(i);
    css += fmt::format("--{}:{};", name(color), hex(shade(color, dark)));
  }
  return css;
}

}  // namespace etamax
