# The page of `--sheet` inside the program, by .incbin: the files of src/exports/sheet/.
set(sheet_html ${CMAKE_SOURCE_DIR}/src/exports/sheet/page.html)
set(sheet_css ${CMAKE_SOURCE_DIR}/src/exports/sheet/page.css)
set(sheet_script ${CMAKE_SOURCE_DIR}/src/exports/sheet/page.js)

set(assembly "    .section .rodata\n")
foreach(name IN ITEMS html css script)
  set(symbol pixmill_sheet_${name})
  string(APPEND assembly "    .global ${symbol}, ${symbol}_end\n    .hidden ${symbol}, ${symbol}_end\n"
    "${symbol}:\n    .incbin \"${sheet_${name}}\"\n${symbol}_end:\n    .byte 0\n")
  list(APPEND sheet_files ${sheet_${name}})
endforeach()
string(APPEND assembly "    .section .note.GNU-stack,\"\",%progbits\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/sheet_page.S CONTENT "${assembly}" @ONLY)
set_property(SOURCE ${CMAKE_BINARY_DIR}/sheet_page.S PROPERTY OBJECT_DEPENDS "${sheet_files}")
target_sources(pixmill_exports PRIVATE ${CMAKE_BINARY_DIR}/sheet_page.S)
