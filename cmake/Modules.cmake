# What sanitizers say of libraries that are not ours is left out in every test.
set(PIXMILL_TEST_ENVIRONMENT "TSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/tsan.supp"
  "LSAN_OPTIONS=suppressions=${CMAKE_SOURCE_DIR}/tests/lsan.supp:print_suppressions=0")

# pixmill_module(NAME [EXCLUDE folder...] PUBLIC ... PRIVATE ...): the static library pixmill_NAME from all of src/NAME but the
# excluded sub-folders, and, from the *_test.cc beside the sources, the test program NAME_test. Other modules see the headers
# below include/ and no others: src is on the include path of the module and of its tests only, and
# tests/modules_test.py refuses another module's private header.
function(pixmill_module name)
  cmake_parse_arguments(module "" "" "EXCLUDE;PUBLIC;PRIVATE" ${ARGN})
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_SOURCE_DIR}/src/${name}/*.cc)
  foreach(folder IN LISTS module_EXCLUDE)
    list(FILTER sources EXCLUDE REGEX "/src/${name}/${folder}/")
  endforeach()
  set(tests ${sources})
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")

  add_library(pixmill_${name} STATIC ${sources})
  target_include_directories(pixmill_${name} PUBLIC ${CMAKE_SOURCE_DIR}/include PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(pixmill_${name} PUBLIC ${module_PUBLIC} PRIVATE ${module_PRIVATE})

  if(PIXMILL_TESTS AND tests)
    add_executable(${name}_test ${tests})
    target_include_directories(${name}_test PRIVATE ${CMAKE_SOURCE_DIR}/src ${CMAKE_SOURCE_DIR}/tests)
    target_link_libraries(${name}_test PRIVATE pixmill_${name} ${module_PRIVATE} GTest::gtest GTest::gtest_main)
    target_compile_definitions(${name}_test PRIVATE PIXMILL_SOURCE_DIR="${CMAKE_SOURCE_DIR}")
    add_test(NAME unit.${name} COMMAND ${name}_test)
    set_tests_properties(unit.${name} PROPERTIES LABELS unit ENVIRONMENT "${PIXMILL_TEST_ENVIRONMENT}")
  endif()
endfunction()

# The program itself: main() on top of the module cli.
function(pixmill_program)
  pixmill_module(cli EXCLUDE main PUBLIC pixmill_measure PRIVATE CLI11::CLI11 spdlog::spdlog nlohmann_json::nlohmann_json)
  target_compile_definitions(pixmill_cli PRIVATE PIXMILL_VERSION="${PROJECT_VERSION}")
  add_executable(pixmill ${CMAKE_SOURCE_DIR}/src/cli/main/main.cc)
  target_include_directories(pixmill PRIVATE ${CMAKE_SOURCE_DIR}/src)
  target_link_libraries(pixmill PRIVATE pixmill_cli)
  target_link_options(pixmill PRIVATE -Wl,-z,lazy -Wl,--as-needed)  # about 100 libraries come with libvips: bind late
  set_target_properties(pixmill PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR})
endfunction()
