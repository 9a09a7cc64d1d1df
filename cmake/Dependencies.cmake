# Third-party dependencies. Debian's packages and .deps/ come from scripts/setup.sh; a plain configure takes what
# ONNXRUNTIME_INCLUDE_DIR, ONNXRUNTIME_LIB and OpenVINO_DIR (cache or environment) point at.
find_package(PkgConfig REQUIRED)
pkg_check_modules(vips REQUIRED IMPORTED_TARGET vips)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(libdeflate REQUIRED IMPORTED_TARGET libdeflate)
pkg_check_modules(zstd REQUIRED IMPORTED_TARGET libzstd)
pkg_check_modules(archive REQUIRED IMPORTED_TARGET libarchive)
pkg_check_modules(icu REQUIRED IMPORTED_TARGET icu-uc icu-i18n)
pkg_check_modules(pugixml REQUIRED IMPORTED_TARGET pugixml)
pkg_check_modules(pangocairo REQUIRED IMPORTED_TARGET pangocairo)
find_package(hwy QUIET)
if(NOT TARGET hwy::hwy)
  pkg_check_modules(hwy REQUIRED IMPORTED_TARGET libhwy)
  add_library(hwy::hwy ALIAS PkgConfig::hwy)
endif()
find_package(OpenSSL REQUIRED)
find_package(JPEG REQUIRED)
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

# OpenCV's contours and morphology; Debian's packages of its modules have no CMake files.
find_path(OPENCV_IMGPROC_INCLUDE_DIR opencv2/imgproc.hpp PATH_SUFFIXES opencv4 REQUIRED)
find_library(OPENCV_IMGPROC_LIB opencv_imgproc REQUIRED)
find_library(OPENCV_CORE_LIB opencv_core REQUIRED)
add_library(pixmill_opencv_imgproc INTERFACE)
target_include_directories(pixmill_opencv_imgproc SYSTEM INTERFACE ${OPENCV_IMGPROC_INCLUDE_DIR})
target_link_libraries(pixmill_opencv_imgproc INTERFACE ${OPENCV_IMGPROC_LIB} ${OPENCV_CORE_LIB})

# FAISS, with the OpenBLAS that takes the threads of OpenMP as FAISS does; Debian's package leaves the BLAS open.
find_path(FAISS_INCLUDE_DIR faiss/Index.h REQUIRED)
find_library(FAISS_LIB faiss REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
pkg_check_modules(openblas REQUIRED IMPORTED_TARGET openblas)
add_library(pixmill_faiss INTERFACE)
target_include_directories(pixmill_faiss SYSTEM INTERFACE ${FAISS_INCLUDE_DIR})
target_link_libraries(pixmill_faiss INTERFACE ${FAISS_LIB} OpenMP::OpenMP_CXX PkgConfig::openblas)

# OpenCV's DNN module; Debian's package of it alone has no CMake files.
if(NOT PIXMILL_OPENCV STREQUAL "OFF")
  find_path(OPENCV_INCLUDE_DIR opencv2/dnn.hpp PATH_SUFFIXES opencv4)
  find_library(OPENCV_DNN_LIB opencv_dnn)
  if(OPENCV_INCLUDE_DIR AND OPENCV_DNN_LIB AND OPENCV_CORE_LIB)
    add_library(pixmill_opencv_libraries INTERFACE)
    target_include_directories(pixmill_opencv_libraries SYSTEM INTERFACE ${OPENCV_INCLUDE_DIR})
    target_link_libraries(pixmill_opencv_libraries INTERFACE ${OPENCV_DNN_LIB} ${OPENCV_CORE_LIB})
  elseif(PIXMILL_OPENCV STREQUAL "ON")
    message(FATAL_ERROR "OpenCV's DNN module was not found; install libopencv-dnn-dev")
  endif()
endif()
if(NOT PIXMILL_LIBTORCH STREQUAL "OFF")
  find_package(Torch QUIET HINTS $ENV{Torch_DIR})
  if(NOT Torch_FOUND AND PIXMILL_LIBTORCH STREQUAL "ON")
    message(FATAL_ERROR "LibTorch was not found; install libtorch-dev or set Torch_DIR")
  endif()
endif()

if(PIXMILL_TESTS)
  find_package(GTest REQUIRED)
endif()
