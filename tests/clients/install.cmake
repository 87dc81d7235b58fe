# SPDX-License-Identifier: GPL-3.0-or-later
# cmake -D FROM=… -D TO=… -P install.cmake: the clients as the lock file names them, once per lock
# file. No package's scripts are run: what they would do is choose a binary, and the tests name theirs.

find_program(NPM npm)
if(NOT NPM)
    message(FATAL_ERROR "npm was not found: the clients cannot be installed")
endif()
file(MAKE_DIRECTORY ${TO})
file(LOCK ${TO} DIRECTORY GUARD PROCESS)

file(SHA256 ${FROM}/package-lock.json lock_hash)
set(stamp ${TO}/installed)
if(EXISTS ${stamp})
    file(READ ${stamp} installed)
    if(installed STREQUAL lock_hash)
        return()
    endif()
endif()
file(REMOVE ${stamp})
file(COPY ${FROM}/package.json ${FROM}/package-lock.json DESTINATION ${TO})
# engine-strict: the npm at hand may run on an older Node than the one that the tests bring.
execute_process(COMMAND ${NPM} ci --ignore-scripts --no-audit --no-fund --loglevel=error --engine-strict=false
    WORKING_DIRECTORY ${TO} COMMAND_ERROR_IS_FATAL ANY)
file(WRITE ${stamp} ${lock_hash})
