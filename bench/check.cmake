# SPDX-License-Identifier: GPL-3.0-or-later
# `ctest -L bench`: Weir held against nginx. Only where what is built is what users run, and nginx is there to compare with.
find_program(NGINX nginx PATHS /usr/sbin /usr/local/sbin)
if(CMAKE_BUILD_TYPE STREQUAL "Release" AND NGINX)
    add_test(NAME bench_check COMMAND weir-bench check --thresholds ${CMAKE_CURRENT_SOURCE_DIR}/thresholds.toml
                                      --json ${CMAKE_CURRENT_BINARY_DIR}/check.json --html ${CMAKE_CURRENT_BINARY_DIR}/check.html)
    # Alone: whatever else runs would be measured, too.
    set_tests_properties(bench_check PROPERTIES LABELS bench TIMEOUT 150 RUN_SERIAL ON)
endif()
