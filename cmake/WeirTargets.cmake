# SPDX-License-Identifier: GPL-3.0-or-later
# Compiler settings shared by every target, and weir_room(), the one way to declare a room of core/.

add_library(weir_options INTERFACE)
target_compile_features(weir_options INTERFACE cxx_std_20)
target_compile_definitions(weir_options INTERFACE
    QT_NO_CAST_FROM_ASCII QT_NO_CAST_TO_ASCII QT_NO_FOREACH QT_NO_KEYWORDS QT_NO_CONTEXTLESS_CONNECT
    QT_NO_URL_CAST_FROM_STRING QT_DISABLE_DEPRECATED_BEFORE=0x060400
    WEIR_VERSION="${PROJECT_VERSION}"
    $<$<BOOL:${WEIR_PROFILING}>:WEIR_PROFILING=1>
    $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_compile_options(weir_options INTERFACE
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wnon-virtual-dtor -Woverloaded-virtual
    -fstack-protector-strong
    # g++ 12 reports std::string operations that it has inlined itself (GCC bug 105651).
    $<$<AND:$<CXX_COMPILER_ID:GNU>,$<VERSION_LESS:$<CXX_COMPILER_VERSION>,13>>:-Wno-restrict>
    $<$<BOOL:${WEIR_WERROR}>:-Werror>
    $<$<CONFIG:Release>:-D_FORTIFY_SOURCE=2>)
target_link_options(weir_options INTERFACE -Wl,-z,relro,-z,now $<$<CONFIG:Release>:-Wl,--as-needed>)
if(WEIR_SANITIZE)
    # On every target, so that C sources (llhttp) are instrumented as well.
    add_compile_options(-fsanitize=${WEIR_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${WEIR_SANITIZE})
endif()

# weir_room(NAME [USES room…] [LINKS target…])
# Folder core/NAME = target weir_NAME = namespace weir::NAME = include prefix "NAME/".
# A room may use only rooms that are declared above it and that it names: CMake refuses the rest here,
# tests/lint/check_rooms.py checks the #includes against the same lines.
function(weir_room name)
    cmake_parse_arguments(ROOM "" "" "USES;LINKS" ${ARGN})
    file(GLOB_RECURSE sources CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.cpp
                                                ${CMAKE_CURRENT_SOURCE_DIR}/${name}/*.h)
    add_library(weir_${name} STATIC ${sources})
    target_include_directories(weir_${name} PUBLIC ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(weir_${name} PUBLIC weir_options Qt6::Core ${ROOM_LINKS})
    set_target_properties(weir_${name} PROPERTIES AUTOMOC ON LINKER_LANGUAGE CXX)
    foreach(used IN LISTS ROOM_USES)
        if(NOT TARGET weir_${used})
            message(FATAL_ERROR "Room '${name}' uses '${used}', which is not declared above it.")
        endif()
        target_link_libraries(weir_${name} PUBLIC weir_${used})
    endforeach()
endfunction()
