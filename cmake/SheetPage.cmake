# The page of `--sheet` inside the program.
set(sheet_page ${CMAKE_SOURCE_DIR}/src/exports/sheet/page)
pixmill_embed(pixmill_exports pixmill_sheet html ${sheet_page}.html css ${sheet_page}.css script ${sheet_page}.js)
