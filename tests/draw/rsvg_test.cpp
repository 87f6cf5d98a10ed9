#include "etamax/draw/rsvg.h"

#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "etamax/core/error.h"
#include "etamax/draw/svg.h"

namespace etamax {
namespace {

struct Image {
  int width = 0, height = 0;
  std::set<unsigned> colors;
};

struct Source {
  const std::string* data;
  std::size_t at = 0;
};

int read(void* closure, unsigned char* to, unsigned length) {
  auto* source = static_cast<Source*>(closure);
  if (source->at + length > source->data->size()) return 10;  // CAIRO_STATUS_READ_ERROR
  std::memcpy(to, source->data->data() + source->at, length);
  source->at += length;
  return 0;
}

/// Decoded by cairo, which the test loads as png_from_svg does.
Image decoded(const std::string& png) {
  void* cairo = dlopen("libcairo.so.2", RTLD_NOW);
  const auto load = reinterpret_cast<void* (*)(int (*)(void*, unsigned char*, unsigned), void*)>(
      dlsym(cairo, "cairo_image_surface_create_from_png_stream"));
  const auto get = [&](const char* name, void* surface) {
    return reinterpret_cast<int (*)(void*)>(dlsym(cairo, name))(surface);
  };
  Source source{&png};
  void* surface = load(read, &source);
  Image image;
  image.width = get("cairo_image_surface_get_width", surface);
  image.height = get("cairo_image_surface_get_height", surface);
  const int stride = get("cairo_image_surface_get_stride", surface);
  const unsigned char* data =
      reinterpret_cast<unsigned char* (*)(void*)>(dlsym(cairo, "cairo_image_surface_get_data"))(surface);
  for (int y = 0; y < image.height; ++y)
    for (int x = 0; x < image.width; ++x) {
      unsigned pixel;
      std::memcpy(&pixel, data + y * stride + 4 * x, 4);
      image.colors.insert(pixel & 0xffffff);
    }
  reinterpret_cast<void (*)(void*)>(dlsym(cairo, "cairo_surface_destroy"))(surface);
  return image;
}

bool installed() { return dlopen("librsvg-2.so.2", RTLD_NOW) && dlopen("libcairo.so.2", RTLD_NOW); }

unsigned pixel(Color color) {
  const Rgb rgb = shade(color, false);
  return static_cast<unsigned>(rgb.red << 16 | rgb.green << 8 | rgb.blue);
}

}  // namespace

TEST(Png, ShowsThePictureAtTwiceItsSize) {
  if (!installed()) {
    EXPECT_THROW(png_from_svg("<svg/>"), EnvironmentError) << "a missing library is named, not crashed on";
    GTEST_SKIP() << "librsvg2-2 is not installed";
  }
  Drawing drawing;
  drawing.width = 120, drawing.height = 80;
  drawing.write({10, 20}, "a text", 12, Color::ink);
  double x = 10;
  for (const Color color : {Color::green, Color::orange, Color::vermillion}) {
    drawing.rectangle({x, 40, x + 20, 60}, {color, 1});
    x += 30;
  }
  const std::string png = png_from_svg(to_svg(drawing, Theme::light));
  ASSERT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  const Image image = decoded(png);
  EXPECT_NEAR(image.width, 2 * drawing.width, 1);
  EXPECT_NEAR(image.height, 2 * drawing.height, 1);
  for (const Color color : {Color::paper, Color::ink, Color::green, Color::orange, Color::vermillion})
    EXPECT_TRUE(image.colors.count(pixel(color))) << name(color);
}

TEST(Pdf, IsOnePageOfLinesAndText) {
  if (!installed()) GTEST_SKIP() << "librsvg2-2 is not installed";
  Drawing drawing;
  drawing.width = 400, drawing.height = 200;
  drawing.write({10, 20}, "a text", 12, Color::ink);
  drawing.line({0, 0}, {400, 200}, {Color::green, 1});
  const std::string pdf = pdf_from_svg(to_svg(drawing, Theme::light));
  EXPECT_EQ(pdf.substr(0, 5), "%PDF-");
  EXPECT_NE(pdf.find("%%EOF"), std::string::npos);
  EXPECT_NE(pdf.find("/MediaBox [ 0 0 300 150 ]"), std::string::npos) << "points, 72 to an inch of 96 units";
  EXPECT_NE(pdf.find("/Count 1"), std::string::npos);
  EXPECT_NE(pdf.find("/FontDescriptor"), std::string::npos) << "text is set in a font";
  EXPECT_EQ(pdf.find("/Subtype /Image"), std::string::npos) << "nothing is made of pixels";
}

TEST(Png, WhatIsNoSvgIsAFault) {
  if (!installed()) GTEST_SKIP() << "librsvg2-2 is not installed";
  EXPECT_THROW(png_from_svg("nonsense"), std::runtime_error);
}

}  // namespace etamax
