# SPDX-License-Identifier: GPL-3.0-or-later
# Every library Weir uses, with the Debian package that holds it.

find_package(Qt6 6.4 REQUIRED COMPONENTS Core Network Sql)      # qt6-base-dev, at run time libqt6sql6-sqlite
find_package(Qt6Keychain REQUIRED)                              # qtkeychain-qt6-dev
find_package(simdjson REQUIRED CONFIG)                          # libsimdjson-dev
find_package(tomlplusplus REQUIRED CONFIG)                      # libtomlplusplus-dev
find_package(PkgConfig REQUIRED)
pkg_check_modules(NGHTTP2 REQUIRED IMPORTED_TARGET libnghttp2)  # libnghttp2-dev
find_package(OpenSSL REQUIRED)                                  # libssl-dev
find_package(ZLIB REQUIRED)                                     # zlib1g-dev
pkg_check_modules(BROTLI REQUIRED IMPORTED_TARGET libbrotlidec) # libbrotli-dev
pkg_check_modules(ZSTD REQUIRED IMPORTED_TARGET libzstd)        # libzstd-dev
if(WEIR_DESKTOP)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Widgets Charts Svg) # qt6-charts-dev libqt6opengl6-dev qt6-svg-dev
endif()
find_package(benchmark QUIET CONFIG)                            # libbenchmark-dev, for weir-bench
if(WEIR_TESTS)
    find_package(benchmark REQUIRED CONFIG)
    find_package(Qt6 6.4 REQUIRED COMPONENTS Test)
    pkg_check_modules(BROTLI_ENCODER REQUIRED IMPORTED_TARGET libbrotlienc)
    find_package(Python3 REQUIRED COMPONENTS Interpreter)
endif()

# llhttp: Debian 12 ships its C sources in node-llhttp, later releases the library in libllhttp-dev.
find_library(LLHTTP_LIBRARY llhttp)
if(LLHTTP_LIBRARY)
    find_path(LLHTTP_INCLUDE llhttp.h REQUIRED)
    add_library(llhttp INTERFACE)
    target_link_libraries(llhttp INTERFACE ${LLHTTP_LIBRARY})
    target_include_directories(llhttp SYSTEM INTERFACE ${LLHTTP_INCLUDE})
else()
    find_path(LLHTTP_SOURCES llhttp.c PATHS /usr/share/llhttp REQUIRED)
    find_path(LLHTTP_INCLUDE llhttp.h PATHS /usr/share/include/llhttp REQUIRED)
    add_library(llhttp STATIC ${LLHTTP_SOURCES}/api.c ${LLHTTP_SOURCES}/http.c ${LLHTTP_SOURCES}/llhttp.c)
    target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE})
    # Without strict mode llhttp lets through spellings that other servers read differently.
    target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
endif()
