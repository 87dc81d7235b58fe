# SPDX-License-Identifier: GPL-3.0-or-later
# Exchanges as documents (README.md). They are read when the test runs: a new one needs no build.

file(GLOB exchanges_sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/*.cpp ${CMAKE_CURRENT_LIST_DIR}/*.h)
list(FILTER exchanges_sources EXCLUDE REGEX "/tst_")
add_library(weir_exchanges STATIC ${exchanges_sources})
target_link_libraries(weir_exchanges PUBLIC weir_test_support weir_engine weir_simulator)
set_target_properties(weir_exchanges PROPERTIES AUTOMOC ON)

# The documents, each transport by itself so that they run side by side.
weir_test(tst_exchanges ${CMAKE_CURRENT_LIST_DIR}/tst_exchanges.cpp integration weir_exchanges)
target_compile_definitions(tst_exchanges PRIVATE WEIR_EXCHANGES="${CMAKE_CURRENT_LIST_DIR}")
set_property(TEST tst_exchanges APPEND PROPERTY ENVIRONMENT "WEIR_EXCHANGES_ON=h1")
foreach(transport IN ITEMS h2 qnam-h1 qnam-h2)
    add_test(NAME tst_exchanges_${transport} COMMAND tst_exchanges)
    set_tests_properties(tst_exchanges_${transport} PROPERTIES LABELS integration TIMEOUT 120
        ENVIRONMENT "WEIR_EXCHANGES_ON=${transport};LC_ALL=C.UTF-8;TZ=UTC")
endforeach()

# What reads and plays them.
file(GLOB exchanges_tests CONFIGURE_DEPENDS ${CMAKE_CURRENT_LIST_DIR}/tst_*.cpp)
list(FILTER exchanges_tests EXCLUDE REGEX "/tst_exchanges.cpp")
foreach(file IN LISTS exchanges_tests)
    get_filename_component(stem ${file} NAME_WE)
    string(REPLACE "tst_" "tst_exchanges_" name ${stem})
    weir_test(${name} ${file} unit weir_exchanges)
endforeach()
