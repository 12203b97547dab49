# Checks of the source itself that are quick enough to run with the tests.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME Source.ObeysTheLayers
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/check_layers.py)
add_test(NAME Source.LayerCheckFindsViolations
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/check_layers_test.py)

# The networks that tests and measurements run on are written by Python scripts.
set(with_peers ${CMAKE_SOURCE_DIR}/tools/with_peers.sh)
set(ASSAY_TINY_MODELS ${CMAKE_BINARY_DIR}/tiny_models)
add_test(NAME Models.AreWhatPyTorchExports
  COMMAND ${with_peers} ${CMAKE_SOURCE_DIR}/tools/models/models_test.py)
# A test that reads ${ASSAY_TINY_MODELS}/NAME.onnx sets FIXTURES_REQUIRED tiny_models.
add_test(NAME Models.MakeTinyOnes
  COMMAND ${with_peers} ${CMAKE_SOURCE_DIR}/tools/models/make.py tiny -d ${ASSAY_TINY_MODELS})
add_test(NAME Models.TruthIsThatOfPyTorch
  COMMAND ${with_peers} ${CMAKE_SOURCE_DIR}/tools/models/truth_test.py ${CMAKE_BINARY_DIR}/assay)
set_tests_properties(
  Models.AreWhatPyTorchExports Models.MakeTinyOnes Models.TruthIsThatOfPyTorch
  PROPERTIES SKIP_RETURN_CODE 77)
set_tests_properties(Models.MakeTinyOnes PROPERTIES FIXTURES_SETUP tiny_models)
