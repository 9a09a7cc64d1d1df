# Everything that is not ours. Debian's packages and .deps/ come from scripts/setup.sh; a plain configure takes what
# ONNXRUNTIME_INCLUDE_DIR, ONNXRUNTIME_LIB and OpenVINO_DIR (cache or environment) point at.
find_package(PkgConfig REQUIRED)
pkg_check_modules(vips REQUIRED IMPORTED_TARGET vips)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
find_package(hwy QUIET)
if(NOT TARGET hwy::hwy)
  pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
  add_library(hwy::hwy ALIAS PkgConfig::hwy)
endif()
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(CLI11 REQUIRED)
find_package(spdlog REQUIRED)

# ONNX Runtime: headers at build time, the library at run time.
find_path(ONNXRUNTIME_INCLUDE_DIR onnxruntime_c_api.h
  HINTS $ENV{ONNXRUNTIME_INCLUDE_DIR} ${CMAKE_SOURCE_DIR}/.deps/headers/onnxruntime
  PATH_SUFFIXES onnxruntime onnxruntime/core/session REQUIRED
  DOC "Folder of onnxruntime_c_api.h")
add_library(pixmill_onnxruntime_headers INTERFACE)
target_include_directories(pixmill_onnxruntime_headers SYSTEM INTERFACE ${ONNXRUNTIME_INCLUDE_DIR})
find_file(ONNXRUNTIME_LIB libonnxruntime.so.1 HINTS ${CMAKE_SOURCE_DIR}/.deps/onnxruntime
  DOC "libonnxruntime that the program loads when the environment names no other")

# OpenVINO, and with it its own oneTBB: one process, one pool of threads.
if(NOT PIXMILL_OPENVINO STREQUAL "OFF")
  find_package(OpenVINO QUIET COMPONENTS Runtime HINTS $ENV{OpenVINO_DIR} ${CMAKE_SOURCE_DIR}/.deps/openvino/cmake)
  if(OpenVINO_FOUND)
    find_package(TBB QUIET CONFIG PATHS ${OpenVINO_DIR} NO_DEFAULT_PATH)
  elseif(PIXMILL_OPENVINO STREQUAL "ON")
    message(FATAL_ERROR "OpenVINO was not found; set OpenVINO_DIR or run scripts/setup.sh")
  endif()
endif()
if(NOT TARGET TBB::tbb)
  find_package(TBB REQUIRED)
endif()

if(PIXMILL_TESTS)
  find_package(GTest REQUIRED)
endif()
