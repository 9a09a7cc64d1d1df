# What `pixmill quantize` runs in its own environment, inside the program: the Python program and the pinned list of the
# packages that it needs.
set(quantize_folder ${CMAKE_SOURCE_DIR}/src/measure/quantize)
pixmill_embed(pixmill_measure pixmill_quantize
  program ${quantize_folder}/program.py requirements ${quantize_folder}/requirements.txt)
