# Checks of the source itself that are quick enough to run with the tests.
find_package(Python3 REQUIRED COMPONENTS Interpreter)
add_test(NAME Source.ObeysTheLayers
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/check_layers.py)
add_test(NAME Source.LayerCheckFindsViolations
  COMMAND ${Python3_EXECUTABLE} -B ${CMAKE_SOURCE_DIR}/tools/check_layers_test.py)
