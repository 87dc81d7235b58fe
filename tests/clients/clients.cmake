# SPDX-License-Identifier: GPL-3.0-or-later
# The real clients through weir-headless against the simulated provider: see README.md. Nothing is skipped:
# without npm or without a client's binary the tests fail and say why.

set(WEIR_CLIENTS_DIR ${CMAKE_BINARY_DIR}/clients)
find_program(WEIR_NPM npm)

add_test(NAME clients_install COMMAND ${CMAKE_COMMAND} -D NPM=${WEIR_NPM}
    -D FROM=${CMAKE_CURRENT_LIST_DIR} -D TO=${WEIR_CLIENTS_DIR} -P ${CMAKE_CURRENT_LIST_DIR}/install.cmake)
set_tests_properties(clients_install PROPERTIES LABELS clients FIXTURES_SETUP clients TIMEOUT 900)

foreach(client sdk_openai sdk_anthropic claude_code codex opencode answers readme)
    add_test(NAME client_${client} WORKING_DIRECTORY ${CMAKE_CURRENT_BINARY_DIR}
        COMMAND ${WEIR_CLIENTS_DIR}/node_modules/.bin/node --test --test-reporter=spec
            ${CMAKE_CURRENT_LIST_DIR}/${client}.test.mjs)
    set_tests_properties(client_${client} PROPERTIES LABELS clients FIXTURES_REQUIRED clients TIMEOUT 180
        ENVIRONMENT "WEIR_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY};WEIR_CLIENTS=${WEIR_CLIENTS_DIR};LC_ALL=C.UTF-8;TZ=UTC")
endforeach()
