# What `pixmill quantize` runs in its own environment, inside the program by .incbin: the Python program and the pinned
# list of the packages that it needs.
set(quantize_files ${CMAKE_SOURCE_DIR}/src/measure/quantize/program.py ${CMAKE_SOURCE_DIR}/src/measure/quantize/requirements.txt)
set(assembly "    .section .rodata\n")
foreach(file IN LISTS quantize_files)
  get_filename_component(name ${file} NAME_WE)
  set(symbol pixmill_quantize_${name})
  string(APPEND assembly "    .global ${symbol}, ${symbol}_end\n    .hidden ${symbol}, ${symbol}_end\n"
    "${symbol}:\n    .incbin \"${file}\"\n${symbol}_end:\n    .byte 0\n")
endforeach()
string(APPEND assembly "    .section .note.GNU-stack,\"\",%progbits\n")
file(CONFIGURE OUTPUT ${CMAKE_BINARY_DIR}/quantize_program.S CONTENT "${assembly}" @ONLY)
set_property(SOURCE ${CMAKE_BINARY_DIR}/quantize_program.S PROPERTY OBJECT_DEPENDS "${quantize_files}")
target_sources(pixmill_measure PRIVATE ${CMAKE_BINARY_DIR}/quantize_program.S)
