# SPDX-License-Identifier: GPL-3.0-or-later
# The real clients through weir-headless against the simulated provider: see README.md. Nothing is skipped:
# without npm or without a client's binary the tests fail and say why.

set(WEIR_CLIENTS_DIR ${CMAKE_BINARY_DIR}/clients)
# By its own path: not every npm links a program whose package comes for one platform only.
string(REPLACE x86_64 x64 arch ${CMAKE_HOST_SYSTEM_PROCESSOR})
string(REPLACE aarch64 arm64 arch ${arch})
set(WEIR_NODE ${WEIR_CLIENTS_DIR}/node_modules/node-linux-${arch}/bin/node)

add_test(NAME clients_install COMMAND ${CMAKE_COMMAND} -D FROM=${CMAKE_CURRENT_LIST_DIR} -D TO=${WEIR_CLIENTS_DIR}
    -P ${CMAKE_CURRENT_LIST_DIR}/install.cmake)
set_tests_properties(clients_install PROPERTIES LABELS clients FIXTURES_SETUP clients TIMEOUT 900)

foreach(client sdk_openai sdk_anthropic sdk_direct claude_code codex opencode stored_mode refusals answers readme)
    add_test(NAME client_${client} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
        COMMAND ${WEIR_NODE} --test --test-reporter=spec
            ${CMAKE_CURRENT_LIST_DIR}/${client}.test.mjs)
    set_tests_properties(client_${client} PROPERTIES LABELS clients FIXTURES_REQUIRED clients TIMEOUT 180
        ENVIRONMENT "WEIR_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};WEIR_CLIENTS=${WEIR_CLIENTS_DIR};LC_ALL=C.UTF-8;TZ=UTC")
endforeach()
# Tools that try again by themselves: minutes, for the most part waited.
set_tests_properties(client_refusals PROPERTIES TIMEOUT 600)
