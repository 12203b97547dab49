set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(ASSAY_FUZZ "Build the libFuzzer targets (needs clang)" OFF)
option(ASSAY_CUDA "Build the CUDA parts" OFF)
set(ASSAY_SANITIZE "" CACHE STRING "Sanitizers to build with, for example address,undefined")

find_program(CCACHE_PROGRAM ccache)
if(CCACHE_PROGRAM)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
endif()

# -ffp-contract=off holds for the whole program: the reference needs it, and no other code may
# differ between compilers by a contracted multiply-add that nobody wrote.
add_compile_options(-Wall -Wextra -Wno-missing-field-initializers -ffp-contract=off)
# GCC 12 sees overlaps that cannot be in sums of strings (its bug 105651).
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  add_compile_options(-Wno-restrict)
endif()
if(CMAKE_BUILD_TYPE STREQUAL "Release")
  add_compile_options(-Werror)
endif()
if(ASSAY_SANITIZE)
  add_compile_options(-fsanitize=${ASSAY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  add_link_options(-fsanitize=${ASSAY_SANITIZE})
endif()
if(ASSAY_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
