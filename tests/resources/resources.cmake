# SPDX-License-Identifier: GPL-3.0-or-later
# How much memory the programs take after 1,000 requests, by how much the proxy grows while large bodies pass, and whether
# it keeps to its budget; of the release build where there is one. A sanitizer's own memory would be measured with theirs.
if(NOT WEIR_SANITIZE)
    foreach(script IN ITEMS rss flow budget)
        set(name resources_${script})
        add_test(NAME ${name} COMMAND Python3::Interpreter ${CMAKE_CURRENT_LIST_DIR}/${script}.py
            --bin ${PROJECT_SOURCE_DIR}/build/release/bin --fallback ${CMAKE_RUNTIME_OUTPUT_DIRECTORY})
        set_tests_properties(${name} PROPERTIES LABELS resources RUN_SERIAL ON TIMEOUT 400)
    endforeach()
endif()
