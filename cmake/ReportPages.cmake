# The pages of `--report page.html` inside the program: their own files and the chart library that scripts/setup.sh
# fetched. Without the library a page has its tables and their bars.
set(charts_folder ${CMAKE_SOURCE_DIR}/.deps/charts/node_modules/chart.js)
set(page_charts ${charts_folder}/dist/chart.umd.min.js)
set(page_licence ${charts_folder}/LICENSE.md)
if(NOT EXISTS ${page_charts} AND PIXMILL_CHARTS STREQUAL "ON")
  message(FATAL_ERROR "The chart library was not found; run scripts/setup.sh")
endif()
if(NOT EXISTS ${page_charts} OR PIXMILL_CHARTS STREQUAL "OFF")
  set(page_charts ${CMAKE_BINARY_DIR}/no_charts)
  set(page_licence ${page_charts})
  file(WRITE ${page_charts} "")
endif()
set(output ${CMAKE_SOURCE_DIR}/src/cli/output)
pixmill_embed(pixmill_cli pixmill_page
  html ${output}/page/page.html css ${output}/page/page.css helpers ${output}/page/charts.js
  charts ${page_charts} licence ${page_licence})
pixmill_embed(pixmill_cli pixmill_bench script ${output}/bench_page/page.js rembg ${output}/bench_page/peer_rembg.py)
pixmill_embed(pixmill_cli pixmill_stats script ${output}/stats_page/page.js)
pixmill_embed(pixmill_cli pixmill_pictures html ${output}/picture_page/page.html css ${output}/picture_page/page.css)
pixmill_embed(pixmill_cli pixmill_compare
  html ${output}/compare_page/page.html css ${output}/compare_page/page.css script ${output}/compare_page/page.js)
