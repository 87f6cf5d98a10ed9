#include "etamax/draw/rsvg.h"

#include <dlfcn.h>

#include <cmath>
#include <memory>
#include <stdexcept>

#include "etamax/core/error.h"

namespace etamax {
namespace {

// The few declarations of librsvg 2.46 or newer and cairo that are needed, so that neither is a dependency of
// the build.
struct RsvgHandle;
struct CairoSurface;
struct Cairo;
struct RsvgRectangle {
  double x, y, width, height;
};
struct GError;
using WriteFunction = int (*)(void* closure, const unsigned char* data, unsigned length);
constexpr int kArgb32 = 0, kSuccess = 0, kPdf14 = 0;

/// Our own pictures are right: what fails is the machine.
constexpr const char* kGaveUp =
    "librsvg or cairo cannot draw the picture, as where memory does not suffice; .svg needs neither";

class Library {
 public:
  explicit Library(const char* file) : handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    if (handle_) return;
    const char* const fault = dlerror();
    const std::string why = fault ? fault : "";
    const bool missing = why.starts_with(file) && why.find("No such file") != std::string::npos;
    throw EnvironmentError(
        std::string("a .png or .pdf needs ") + file +
        (missing ? ", which is not installed (Debian's package librsvg2-2)" : ", which cannot be loaded: " + why) +
        "; .svg needs nothing");
  }
  template <typename F>
  F function(const char* name) const {
    void* symbol = dlsym(handle_, name);
    if (!symbol)
      throw EnvironmentError(std::string("a .png or .pdf needs a newer librsvg (2.46 or later; Debian's package "
                                         "librsvg2-2): it lacks ") +
                             name);
    return reinterpret_cast<F>(symbol);
  }

 private:
  void* handle_;  // stays loaded: GObject's types cannot be unloaded
};

struct Libraries {
  Library rsvg{"librsvg-2.so.2"}, cairo{"libcairo.so.2"}, gobject{"libgobject-2.0.so.0"};
};

const Libraries& libraries() {
  static const Libraries loaded;
  return loaded;
}

int append(void* closure, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return kSuccess;
}

/// A picture that librsvg has read.
class Picture {
 public:
  explicit Picture(const std::string& svg)
      : handle_(
            libraries().rsvg.function<RsvgHandle* (*)(const unsigned char*, unsigned long, GError**)>(
                "rsvg_handle_new_from_data")(reinterpret_cast<const unsigned char*>(svg.data()), svg.size(), nullptr),
            libraries().gobject.function<void (*)(void*)>("g_object_unref")) {
    if (!handle_) throw EnvironmentError(kGaveUp);
    const auto size_of =
        libraries()
            .rsvg.function<void (*)(RsvgHandle*, int*, RsvgRectangle*, int*, RsvgRectangle*, int*, RsvgRectangle*)>(
                "rsvg_handle_get_intrinsic_dimensions");
    int has_width = 0, has_height = 0, has_box = 0;
    RsvgRectangle width{}, height{};
    size_of(handle_.get(), &has_width, &width, &has_height, &height, &has_box, &box_);
    if (!has_box) throw std::runtime_error("the picture states no size");
  }

  double width() const { return box_.width; }
  double height() const { return box_.height; }

  /// Onto a surface of that size; what `finish` does with it then.
  template <typename Finish>
  void draw(CairoSurface* made, double width, double height, Finish finish) const {
    const Library& cairo = libraries().cairo;
    const auto destroy_surface = cairo.function<void (*)(CairoSurface*)>("cairo_surface_destroy");
    const auto destroy_context = cairo.function<void (*)(Cairo*)>("cairo_destroy");
    const auto new_context = cairo.function<Cairo* (*)(CairoSurface*)>("cairo_create");
    const auto render = libraries().rsvg.function<int (*)(RsvgHandle*, Cairo*, const RsvgRectangle*, GError**)>(
        "rsvg_handle_render_document");
    const std::unique_ptr<CairoSurface, void (*)(CairoSurface*)> surface(made, destroy_surface);
    const std::unique_ptr<Cairo, void (*)(Cairo*)> context(new_context(surface.get()), destroy_context);
    const RsvgRectangle viewport{0, 0, width, height};
    if (!render(handle_.get(), context.get(), &viewport, nullptr) || !finish(surface.get()))
      throw EnvironmentError(kGaveUp);
  }

 private:
  std::unique_ptr<RsvgHandle, void (*)(void*)> handle_;
  RsvgRectangle box_{};
};

}  // namespace

std::string png_from_svg(const std::string& svg, double scale) {
  const Picture picture(svg);
  const Library& cairo = libraries().cairo;
  const auto new_surface = cairo.function<CairoSurface* (*)(int, int, int)>("cairo_image_surface_create");
  const auto write = cairo.function<int (*)(CairoSurface*, WriteFunction, void*)>("cairo_surface_write_to_png_stream");
  const double width = std::ceil(picture.width() * scale), height = std::ceil(picture.height() * scale);
  std::string png;
  picture.draw(new_surface(kArgb32, static_cast<int>(width), static_cast<int>(height)), width, height,
               [&](CairoSurface* surface) { return write(surface, append, &png) == kSuccess; });
  return png;
}

std::string pdf_from_svg(const std::string& svg) {
  constexpr double kPoints = 72.0 / 96;  // to a unit
  const Picture picture(svg);
  const Library& cairo = libraries().cairo;
  const auto new_surface =
      cairo.function<CairoSurface* (*)(WriteFunction, void*, double, double)>("cairo_pdf_surface_create_for_stream");
  const auto end = cairo.function<void (*)(CairoSurface*)>("cairo_surface_finish");
  const auto status = cairo.function<int (*)(CairoSurface*)>("cairo_surface_status");
  const double width = kPoints * picture.width(), height = kPoints * picture.height();
  // Version 1.4, which every reader has: newer ones of cairo pack the objects of 1.7.
  const auto restrict_to = cairo.function<void (*)(CairoSurface*, int)>("cairo_pdf_surface_restrict_to_version");
  std::string pdf;
  CairoSurface* const page = new_surface(append, &pdf, width, height);
  restrict_to(page, kPdf14);
  picture.draw(page, width, height, [&](CairoSurface* surface) {
    end(surface);
    return status(surface) == kSuccess;
  });
  return pdf;
}

}  // namespace etamax
