# Writes the lab's file into a source: cmake -DPAGE=docs/lab.html -DSOURCE=lab_page.cpp -P lab_page.cmake
file(READ "${PAGE}" page)
file(WRITE "${SOURCE}" "// Generated from docs/lab.html. Do not edit.\n#include \"lab_page.h\"\n
std::string_view etamax::apps::lab_page() {\n  static constexpr char page[] = R\"lab_page(${page})lab_page\";\n  return {page, sizeof page - 1};\n}\n")
