# Weights and cards inside the program: models/starter/*.onnx by .incbin, models/cards/*.yaml as one table of text.
set(starter ${CMAKE_SOURCE_DIR}/models/starter/cutout.onnx)
set(starter_int8 ${CMAKE_SOURCE_DIR}/models/starter/cutout_int8.onnx)
set(assembly ${CMAKE_BINARY_DIR}/built_in_models.S)
file(CONFIGURE OUTPUT ${assembly} CONTENT [[
    .section .rodata
    .balign 64
    .global pixmill_starter_cutout
    .global pixmill_starter_cutout_end
    .hidden pixmill_starter_cutout
    .hidden pixmill_starter_cutout_end
pixmill_starter_cutout:
    .incbin "@starter@"
pixmill_starter_cutout_end:
    .byte 0
    .balign 64
    .global pixmill_starter_cutout_int8
    .global pixmill_starter_cutout_int8_end
    .hidden pixmill_starter_cutout_int8
    .hidden pixmill_starter_cutout_int8_end
pixmill_starter_cutout_int8:
    .incbin "@starter_int8@"
pixmill_starter_cutout_int8_end:
    .byte 0
    .section .note.GNU-stack,"",%progbits
]] @ONLY)
set_property(SOURCE ${assembly} PROPERTY OBJECT_DEPENDS "${starter};${starter_int8}")
target_sources(pixmill_models PRIVATE ${assembly})

file(GLOB cards CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/models/cards/*.yaml)
set(table "")
foreach(card IN LISTS cards)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${card})
  file(READ ${card} text)
  get_filename_component(name ${card} NAME)
  string(APPEND table "    {\"${name}\", R\"card(${text})card\"},\n")
endforeach()
file(WRITE ${CMAKE_BINARY_DIR}/built_in_cards.inc.new "${table}")
configure_file(${CMAKE_BINARY_DIR}/built_in_cards.inc.new ${CMAKE_BINARY_DIR}/built_in_cards.inc COPYONLY)
target_include_directories(pixmill_models PRIVATE ${CMAKE_BINARY_DIR})
