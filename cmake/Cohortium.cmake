# One library per folder: cohortium_library(net DEPENDS base LIBRARIES OpenSSL::SSL)
#
# Sources are the folder's *.cc (also in its sub-folders); *_test.cc become the test program <folder>_test,
# *_server_test.cc the program <folder>_server_test, which a test in tests/sources runs with a database server of its own.
# DEPENDS names folders on lower floors only: linking upward is impossible because those targets do not exist yet.
# GLUE says that the folder works on messages, files and texts and not on records or shares; it is optimised less, as
# tests are: that halves what the compiler takes for them.

set(COHORTIUM_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Werror)

add_library(cohortium_options INTERFACE)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND COHORTIUM_WARNINGS -Wno-restrict)  # false alarms on "literal" + std::string (GCC bug 105651)
endif()
target_compile_options(cohortium_options INTERFACE ${COHORTIUM_WARNINGS} -fstack-protector-strong)
target_include_directories(cohortium_options INTERFACE ${CMAKE_SOURCE_DIR}/src)
target_link_options(cohortium_options INTERFACE -Wl,-z,relro,-z,now)
# Symbols are for traces, not for stepping through values: line tables take a quarter less of the compiler's time.
set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g1 -DNDEBUG")
set(COHORTIUM_GLUE_FLAGS $<$<CONFIG:RelWithDebInfo>:-O1>)
if(COHORTIUM_SANITIZE)
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O1 -g1 -DNDEBUG")
  target_compile_options(cohortium_options INTERFACE -fsanitize=${COHORTIUM_SANITIZE} -fno-omit-frame-pointer
                                                    -fno-sanitize-recover=all)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # Instrumented code of the standard library sets it off.
    target_compile_options(cohortium_options INTERFACE -Wno-maybe-uninitialized)
  endif()
  target_link_options(cohortium_options INTERFACE -fsanitize=${COHORTIUM_SANITIZE})
endif()

function(cohortium_library name)
  cmake_parse_arguments(ARG "GLUE" "" "DEPENDS;LIBRARIES;TEST_DEPENDS;GENERATED" ${ARGN})
  foreach(dependency IN LISTS ARG_DEPENDS)
    if(NOT TARGET cohortium_${dependency})
      message(FATAL_ERROR "src/${name} depends on src/${dependency}, which does not stand on a lower floor")
    endif()
  endforeach()
  file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cc)
  set(tests ${sources})
  list(FILTER sources EXCLUDE REGEX "_test\\.cc$")
  list(FILTER sources EXCLUDE REGEX "/main\\.cc$")
  list(FILTER tests INCLUDE REGEX "_test\\.cc$")
  set(server_tests ${tests})
  list(FILTER server_tests INCLUDE REGEX "_server_test\\.cc$")
  list(FILTER tests EXCLUDE REGEX "_server_test\\.cc$")
  list(TRANSFORM ARG_DEPENDS PREPEND cohortium_ OUTPUT_VARIABLE dependencies)

  add_library(cohortium_${name} STATIC ${sources} ${ARG_GENERATED})
  target_link_libraries(cohortium_${name} PUBLIC cohortium_options ${dependencies} PRIVATE ${ARG_LIBRARIES})
  if(ARG_GLUE)
    target_compile_options(cohortium_${name} PRIVATE ${COHORTIUM_GLUE_FLAGS})
  endif()
  if(COHORTIUM_TESTS AND tests)
    cohortium_test(${name}_test SOURCES ${tests} LIBRARIES cohortium_${name} ${ARG_TEST_DEPENDS} ${ARG_LIBRARIES})
  endif()
  if(COHORTIUM_TESTS AND server_tests)
    cohortium_test_program(${name}_server_test SOURCES ${server_tests} LIBRARIES cohortium_${name} ${ARG_LIBRARIES})
  endif()
endfunction()

function(cohortium_test_program name)
  cmake_parse_arguments(ARG "" "" "SOURCES;LIBRARIES" ${ARGN})
  add_executable(${name} ${ARG_SOURCES})
  target_compile_options(${name} PRIVATE ${COHORTIUM_GLUE_FLAGS})
  target_link_libraries(${name} PRIVATE cohortium_options ${ARG_LIBRARIES} GTest::gtest_main Threads::Threads)
endfunction()

function(cohortium_test name)
  cmake_parse_arguments(ARG "" "TIMEOUT" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  cohortium_test_program(${name} SOURCES ${ARG_SOURCES} LIBRARIES ${ARG_LIBRARIES})
  add_test(NAME ${name} COMMAND ${name} --gtest_brief=1)
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
endfunction()
