# pixmill_embed(TARGET PREFIX NAME FILE [NAME FILE ...]): the bytes of files inside a target, by .incbin: from the symbol
# PREFIX_NAME to PREFIX_NAME_end, where a zero byte follows. Each begins at a multiple of 64 bytes.
function(pixmill_embed target prefix)
  set(assembly "    .section .rodata\n")
  set(files "")
  set(rest ${ARGN})
  while(rest)
    list(POP_FRONT rest name file)
    set(symbol ${prefix}_${name})
    string(APPEND assembly "    .balign 64\n    .global ${symbol}, ${symbol}_end\n    .hidden ${symbol}, ${symbol}_end\n"
      "${symbol}:\n    .incbin \"${file}\"\n${symbol}_end:\n    .byte 0\n")
    list(APPEND files ${file})
  endwhile()
  string(APPEND assembly "    .section .note.GNU-stack,\"\",%progbits\n")
  set(source ${CMAKE_BINARY_DIR}/${prefix}.S)
  file(CONFIGURE OUTPUT ${source} CONTENT "${assembly}" @ONLY)
  set_property(SOURCE ${source} PROPERTY OBJECT_DEPENDS "${files}")
  target_sources(${target} PRIVATE ${source})
endfunction()
