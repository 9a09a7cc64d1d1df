# pixmill_module(NAME PUBLIC ... PRIVATE ...): the static library pixmill_NAME from src/NAME/*.cc, and, from the *_test.cc
# beside them, the test program NAME_test. What the unit tests link besides is the room itself.
function(pixmill_module name)
  cmake_parse_arguments(room "" "" "PUBLIC;PRIVATE" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/openvino_[a-z_]*\\.cc$")

  add_library(pixmill_${name} STATIC ${sources})
  target_include_directories(pixmill_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(pixmill_${name} PUBLIC ${room_PUBLIC} PRIVATE ${room_PRIVATE})

  if(PIXMILL_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_link_libraries(${name}_test PRIVATE pixmill_${name} ${room_PRIVATE} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE PIXMILL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME unit.${name} COMMAND ${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit
      ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp")
  endif()
endfunction()

# The program itself: src/cli/*.cc on top of all rooms.
function(pixmill_program)
  file(GLOB sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/cli/*.cc)
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  set(main ${CMAKE_SOURCE_DIR}/src/cli/main.cc)
  list(REMOVE_ITEM sources ${main})

  set(private CLI11::CLI11 spdlog::spdlog nlohmann_json::nlohmann_json)
  add_library(pixmill_cli STATIC ${sources})
  target_include_directories(pixmill_cli PUBLIC ${CMAKE_SOURCE_DIR}/include ${CMAKE_SOURCE_DIR}/src)
  target_compile_definitions(pixmill_cli PRIVATE PIXMILL_VERSION="${PROJECT_VERSION}")
  target_link_libraries(pixmill_cli PUBLIC pixmill_measure PRIVATE ${private})

  add_executable(pixmill ${main})
  target_link_libraries(pixmill PRIVATE pixmill_cli)
  target_link_options(pixmill PRIVATE -Wl,-z,lazy -Wl,--as-needed)  # about 100 libraries come with libvips: bind late
  set_target_properties(pixmill PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})

  if(PIXMILL_TESTS AND tests)
    add_executable(cli_test ${tests})
    target_link_libraries(cli_test PRIVATE pixmill_cli ${private} GTest::gtest GTest::gtest_main)
    target_compile_definitions(cli_test PRIVATE PIXMILL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME unit.cli COMMAND cli_test)
    set_tests_properties(unit.cli PROPERTIES LABELS unit)
  endif()
endfunction()
