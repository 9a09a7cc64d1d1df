# `cmake --install`: the program, its backends in shared libraries and, unless they are the system's, the runtimes that it
# was built with, all found from the program's own folder ($ORIGIN/../lib/pixmill). No path of the build tree is kept.
# Manual page and completions are what the program itself prints.
option(PIXMILL_INSTALL_RUNTIMES "Install ONNX Runtime and OpenVINO beside the program, where they are not the system's" ON)
include(GNUInstallDirs)
# Whatever the umask: the program loads no code from a folder that others may write to.
set(CMAKE_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
set(libraries_folder lib/pixmill)  # as src/runtime/onnxruntime/library.cc looks for it

set_target_properties(pixmill PROPERTIES INSTALL_RPATH "$ORIGIN/../lib/pixmill")
install(TARGETS pixmill RUNTIME DESTINATION bin)
foreach(module IN ITEMS pixmill-opencv pixmill-libtorch)
  if(TARGET ${module})
    install(TARGETS ${module} LIBRARY DESTINATION ${libraries_folder})
  endif()
endforeach()
if(TARGET pixmill-libtorch)  # LibTorch is never copied: it stays where it was found, if that is not a system folder
  set_property(TARGET pixmill-libtorch PROPERTY INSTALL_RPATH_USE_LINK_PATH ON)
endif()

# The libraries of a folder that match one of the patterns, links as the files that they name.
function(install_libraries folder)
  if(folder MATCHES "^/(usr/)?lib(64)?(/|$)")
    return()
  endif()
  foreach(pattern IN LISTS ARGN)
    file(GLOB found ${folder}/${pattern})
    list(APPEND libraries ${found})
  endforeach()
  install(FILES ${libraries} DESTINATION ${libraries_folder})
endfunction()

if(PIXMILL_INSTALL_RUNTIMES AND ONNXRUNTIME_LIB)
  get_filename_component(file ${ONNXRUNTIME_LIB} REALPATH)
  get_filename_component(folder ${file} DIRECTORY)
  if(NOT folder MATCHES "^/(usr/)?lib(64)?(/|$)")
    install(FILES ${file} DESTINATION ${libraries_folder} RENAME libonnxruntime.so.1)
    install_libraries(${folder} "libonnxruntime_providers_*.so")
    file(GLOB notices ${folder}/LICENSE ${folder}/ThirdPartyNotices.txt)
    install(FILES ${notices} DESTINATION share/doc/pixmill/onnxruntime)
  endif()
endif()
if(PIXMILL_INSTALL_RUNTIMES AND TARGET openvino::runtime)
  get_target_property(file openvino::runtime IMPORTED_LOCATION_RELEASE)
  get_filename_component(folder ${file} DIRECTORY)
  # Readers of other formats than ONNX, the interface for C and the plugins over several devices are not wanted.
  install_libraries(${folder} "libopenvino.so.*" "libopenvino_onnx_frontend.so*" "libopenvino_ir_frontend.so*"
    "libopenvino_intel_*_plugin.so" "libhwloc.so*" "cache.json")
  get_target_property(tbb TBB::tbb IMPORTED_LOCATION_RELEASE)
  get_filename_component(tbb_folder ${tbb} DIRECTORY)
  install_libraries(${tbb_folder} "libtbb.so.12" "libtbbbind*.so*" "libtbbmalloc.so.2")
  file(GLOB notices ${folder}/../*.dist-info/licenses)
  foreach(folder_of_notices IN LISTS notices)
    install(DIRECTORY ${folder_of_notices}/ DESTINATION share/doc/pixmill/openvino)
  endforeach()
endif()

# What the program prints, as files: by a rule for each.
function(install_output file folder)
  set(output ${CMAKE_BINARY_DIR}/installed/${file})
  add_custom_command(OUTPUT ${output} COMMAND $<TARGET_FILE:pixmill> ${ARGN} > ${output} DEPENDS pixmill VERBATIM)
  install(FILES ${output} DESTINATION ${folder})
  set_property(GLOBAL APPEND PROPERTY pixmill_printed ${output})
endfunction()
file(MAKE_DIRECTORY ${CMAKE_BINARY_DIR}/installed)
install_output(pixmill.1 ${CMAKE_INSTALL_MANDIR}/man1 man)
install_output(pixmill share/bash-completion/completions completion bash)
install_output(_pixmill share/zsh/site-functions completion zsh)
install_output(pixmill.fish share/fish/vendor_completions.d completion fish)
get_property(printed GLOBAL PROPERTY pixmill_printed)
add_custom_target(printed_files ALL DEPENDS ${printed})
install(FILES ${CMAKE_SOURCE_DIR}/LICENSE ${CMAKE_SOURCE_DIR}/NOTICE DESTINATION share/doc/pixmill)
