#include "etamax/draw/png.h"

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
constexpr int kArgb32 = 0, kSuccess = 0;

class Library {
 public:
  explicit Library(const char* file) : handle_(dlopen(file, RTLD_NOW | RTLD_LOCAL)) {
    if (!handle_)
      throw InputError("output", std::string("a .png needs ") + file +
                                     ", which is not installed (Debian's package librsvg2-2); .svg needs nothing");
  }
  template <typename F>
  F function(const char* name) const {
    void* symbol = dlsym(handle_, name);
    if (!symbol)
      throw InputError("output", std::string("a .png needs a newer librsvg (2.46 or later; Debian's package "
                                             "librsvg2-2): it lacks ") +
                                     name);
    return reinterpret_cast<F>(symbol);
  }

 private:
  void* handle_;  // stays loaded: GObject's types cannot be unloaded
};

int append(void* closure, const unsigned char* data, unsigned length) {
  static_cast<std::string*>(closure)->append(reinterpret_cast<const char*>(data), length);
  return kSuccess;
}

}  // namespace

std::string png_from_svg(const std::string& svg, double scale) {
  static const Library rsvg("librsvg-2.so.2"), cairo("libcairo.so.2"), gobject("libgobject-2.0.so.0");
  const auto unref = gobject.function<void (*)(void*)>("g_object_unref");
  const auto load =
      rsvg.function<RsvgHandle* (*)(const unsigned char*, unsigned long, GError**)>("rsvg_handle_new_from_data");
  const auto size_of =
      rsvg.function<void (*)(RsvgHandle*, int*, RsvgRectangle*, int*, RsvgRectangle*, int*, RsvgRectangle*)>(
          "rsvg_handle_get_intrinsic_dimensions");
  const auto render =
      rsvg.function<int (*)(RsvgHandle*, Cairo*, const RsvgRectangle*, GError**)>("rsvg_handle_render_document");
  const auto new_surface = cairo.function<CairoSurface* (*)(int, int, int)>("cairo_image_surface_create");
  const auto new_context = cairo.function<Cairo* (*)(CairoSurface*)>("cairo_create");
  const auto destroy_context = cairo.function<void (*)(Cairo*)>("cairo_destroy");
  const auto destroy_surface = cairo.function<void (*)(CairoSurface*)>("cairo_surface_destroy");
  const auto write = cairo.function<int (*)(CairoSurface*, WriteFunction, void*)>("cairo_surface_write_to_png_stream");

  const std::unique_ptr<RsvgHandle, void (*)(void*)> handle(
      load(reinterpret_cast<const unsigned char*>(svg.data()), svg.size(), nullptr), unref);
  if (!handle) throw std::runtime_error("librsvg does not read the picture");
  int has_width = 0, has_height = 0, has_box = 0;
  RsvgRectangle width{}, height{}, box{};
  size_of(handle.get(), &has_width, &width, &has_height, &height, &has_box, &box);
  if (!has_box) throw std::runtime_error("the picture states no size");
  const RsvgRectangle viewport{0, 0, std::ceil(box.width * scale), std::ceil(box.height * scale)};
  const std::unique_ptr<CairoSurface, void (*)(CairoSurface*)> surface(
      new_surface(kArgb32, static_cast<int>(viewport.width), static_cast<int>(viewport.height)), destroy_surface);
  const std::unique_ptr<Cairo, void (*)(Cairo*)> context(new_context(surface.get()), destroy_context);
  std::string png;
  if (!render(handle.get(), context.get(), &viewport, nullptr) || write(surface.get(), append, &png) != kSuccess)
    throw std::runtime_error("librsvg or cairo cannot draw the picture");
  return png;
}

}  // namespace etamax
