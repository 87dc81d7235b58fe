# SPDX-License-Identifier: GPL-3.0-or-later
# Run at each build: cmake -DSOURCE=… -DTEMPLATE=… -DOUTPUT=… -DBUILD_TYPE=… -DCOMPILER=… -P build_info.cmake
# Asks git each time, because neither a commit nor a changed file shows in one file that Ninja could watch.
# OUTPUT keeps its time stamp while nothing has changed, so nothing is compiled or linked for it.
set(COMMIT "")
find_package(Git QUIET)
if(GIT_FOUND)
    execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --show-toplevel WORKING_DIRECTORY ${SOURCE}
                    OUTPUT_VARIABLE top OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
    # A release archive unpacked inside someone else's repository has no commit of its own.
    if(top STREQUAL SOURCE)
        execute_process(COMMAND ${GIT_EXECUTABLE} rev-parse --short=12 HEAD WORKING_DIRECTORY ${SOURCE}
                        OUTPUT_VARIABLE COMMIT OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
        # Without optional locks: a build must not get in the way of a commit.
        execute_process(COMMAND ${GIT_EXECUTABLE} --no-optional-locks status --porcelain WORKING_DIRECTORY ${SOURCE}
                        OUTPUT_VARIABLE changes ERROR_QUIET)
        if(COMMIT AND changes)
            string(APPEND COMMIT "-dirty")
        endif()
    endif()
endif()
configure_file(${TEMPLATE} ${OUTPUT} @ONLY)
