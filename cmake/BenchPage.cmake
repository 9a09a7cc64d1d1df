# The page of `pixmill bench --report page.html` inside the program: its own files and the chart library that
# scripts/setup.sh fetched. Without the library the page has its tables and their bars.
set(charts_folder ${CMAKE_SOURCE_DIR}/.deps/charts/node_modules/chart.js)
set(bench_charts ${charts_folder}/dist/chart.umd.min.js)
set(bench_licence ${charts_folder}/LICENSE.md)
if(NOT EXISTS ${bench_charts} AND PIXMILL_CHARTS STREQUAL "ON")
  message(FATAL_ERROR "The chart library was not found; run scripts/setup.sh")
endif()
if(NOT EXISTS ${bench_charts} OR PIXMILL_CHARTS STREQUAL "OFF")
  set(bench_charts ${CMAKE_BINARY_DIR}/no_charts)
  set(bench_licence ${bench_charts})
  file(WRITE ${bench_charts} "")
endif()
set(bench_page ${CMAKE_SOURCE_DIR}/src/cli/output/bench_page)
pixmill_embed(pixmill_cli pixmill_bench
  html ${bench_page}/page.html css ${bench_page}/page.css script ${bench_page}/page.js rembg ${bench_page}/peer_rembg.py
  charts ${bench_charts} licence ${bench_licence})
