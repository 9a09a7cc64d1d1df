# Weights and cards inside the program: models/starter/*.onnx, models/cards/*.yaml as one table of text.
set(starter ${CMAKE_SOURCE_DIR}/models/starter)
pixmill_embed(pixmill_models pixmill_starter cutout ${starter}/cutout.onnx cutout_int8 ${starter}/cutout_int8.onnx
  upscale_x2 ${starter}/upscale_x2.onnx denoise ${starter}/denoise.onnx)

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
