// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/known_peer.h"

#include <algorithm>
#include <cctype>
#include <fstream>
#include <pwd.h>
#include <unistd.h>

namespace weir::subjects {

namespace {

using Words = std::vector<std::string>;

constexpr ChildProcess::Milliseconds VersionDeadline{5000};

std::string number(std::uint16_t port)
{
    return std::to_string(port);
}

/// Started by root, nginx gives its worker to another user, who cannot look into the rig's folder.
std::string nginxUser()
{
    if (::geteuid() != 0)
        return {};
    const passwd *self = ::getpwuid(::geteuid());
    return self ? std::string("user ") + self->pw_name + ";\n" : std::string();
}

std::string nginxConfig(const PeerPlace &place)
{
    return nginxUser() +
           "worker_processes 1;\n"
           "worker_rlimit_nofile 16384;\n"
           "daemon off;\n"
           "pid nginx.pid;\n"
           "error_log stderr error;\n"
           "events { worker_connections 8192; }\n"
           "http {\n"
           "  access_log off;\n"
           // Thousands of requests per connection are the rule here; the limit would turn into handshakes.
           "  keepalive_requests 1000000000;\n"
           "  keepalive_timeout 600s;\n"
           "  client_max_body_size 0;\n"
           // Bodies stay in memory and go up as they come, as in the other proxies.
           "  client_body_buffer_size 1m;\n"
           "  client_body_temp_path body;\n"
           "  proxy_temp_path proxy;\n"
           "  fastcgi_temp_path fastcgi;\n"
           "  uwsgi_temp_path uwsgi;\n"
           "  scgi_temp_path scgi;\n"
           "  upstream provider {\n"
           "    server 127.0.0.1:" +
           number(place.upstreamPort) +
           ";\n"
           "    keepalive 300;\n"
           "    keepalive_requests 1000000000;\n"
           "    keepalive_timeout 600s;\n"
           "  }\n"
           "  server {\n"
           "    listen 127.0.0.1:" +
           number(place.port) +
           " backlog=4096;\n"
           "    location / {\n"
           "      proxy_pass https://provider;\n"
           "      proxy_http_version 1.1;\n"
           "      proxy_set_header Connection \"\";\n"
           "      proxy_buffering off;\n"
           "      proxy_request_buffering off;\n"
           "      proxy_read_timeout 600s;\n"
           "      proxy_ssl_name localhost;\n"
           "      proxy_ssl_server_name on;\n"
           "      proxy_ssl_verify on;\n"
           "      proxy_ssl_trusted_certificate " +
           place.caFile +
           ";\n"
           "      proxy_ssl_session_reuse on;\n"
           "    }\n"
           "  }\n"
           "}\n";
}

std::string haproxyConfig(const PeerPlace &place)
{
    return "global\n"
           "  nbthread 1\n"
           "  maxconn 4096\n"
           "defaults\n"
           "  mode http\n"
           "  option http-no-delay\n"
           "  http-reuse always\n"
           "  timeout connect 10s\n"
           "  timeout client 600s\n"
           "  timeout server 600s\n"
           "listen weir-bench\n"
           "  bind 127.0.0.1:" +
           number(place.port) +
           " backlog 4096\n"
           "  server provider 127.0.0.1:" +
           number(place.upstreamPort) + " ssl ca-file " + place.caFile +
           " verify required verifyhost localhost sni str(localhost) alpn h2\n";
}

std::string caddyConfig(const PeerPlace &place)
{
    return "{\n"
           "  admin off\n"
           "  auto_https off\n"
           "  storage file_system " +
           place.folder +
           "\n"
           "  log {\n"
           "    output stderr\n"
           "    level ERROR\n"
           "  }\n"
           "}\n"
           "http://:" +
           number(place.port) +
           " {\n"
           "  bind 127.0.0.1\n"
           "  reverse_proxy https://127.0.0.1:" +
           number(place.upstreamPort) +
           " {\n"
           "    flush_interval -1\n"
           "    transport http {\n"
           "      tls_trusted_ca_certs " +
           place.caFile +
           "\n"
           "      tls_server_name localhost\n"
           "      keepalive_idle_conns_per_host 300\n"
           "      compression off\n"
           "    }\n"
           "  }\n"
           "}\n";
}

const std::vector<KnownPeer> &table()
{
    static const std::vector<KnownPeer> peers{
        {"nginx",
         "nginx-light",
         "nginx.conf",
         nginxConfig,
         // -e: before it has read its configuration it would write to a log of the system.
         [](const PeerPlace &place, const std::string &file) {
             return Words{"-e", "stderr", "-p", place.folder, "-c", file};
         },
         [](const PeerPlace &place, const std::string &file) {
             return Words{"-t", "-e", "stderr", "-p", place.folder, "-c", file};
         },
         {"-v"},
         {},
         SIGTERM}, // its master has to take the worker along
        {"haproxy",
         "haproxy",
         "haproxy.cfg",
         haproxyConfig,
         [](const PeerPlace &, const std::string &file) {
             return Words{"-db", "-f", file};
         },
         [](const PeerPlace &, const std::string &file) {
             return Words{"-c", "-f", file};
         },
         {"-v"},
         {}},
        {"caddy",
         "caddy",
         "Caddyfile",
         caddyConfig,
         [](const PeerPlace &, const std::string &file) {
             return Words{"run", "--adapter", "caddyfile", "--config", file};
         },
         [](const PeerPlace &, const std::string &file) {
             return Words{"validate", "--adapter", "caddyfile", "--config", file};
         },
         {"version"},
         {"GOMAXPROCS=1"}}, // Go's counterpart of one worker
    };
    return peers;
}

Launch launchOf(const KnownPeer &peer, const std::string &home, std::vector<std::string> arguments)
{
    Launch launch;
    launch.name = peer.name;
    launch.program = findProgram(launch.name);
    launch.arguments = std::move(arguments);
    launch.environment = cleanEnvironment(home);
    launch.environment.insert(launch.environment.end(), peer.environment.begin(), peer.environment.end());
    launch.deathSignal = peer.deathSignal;
    return launch;
}

std::string fileOf(const KnownPeer &peer, const PeerPlace &place)
{
    return place.folder + '/' + std::string(peer.configFile);
}

} // namespace

std::span<const KnownPeer> knownPeers()
{
    return table();
}

const KnownPeer *findKnownPeer(std::string_view name)
{
    const auto found = std::find_if(table().begin(), table().end(),
                                    [&](const KnownPeer &peer) { return peer.name == name; });
    return found == table().end() ? nullptr : &*found;
}

base::Result<Launch> prepare(const KnownPeer &peer, const PeerPlace &place)
{
    const std::string file = fileOf(peer, place);
    Launch launch = launchOf(peer, place.folder, peer.runArguments(place, file));
    if (launch.program.empty())
        return base::unexpected(base::Errc::Internal, launch.name +
                                                          " is not installed (Debian: apt-get install " +
                                                          std::string(peer.package) + ")");
    std::ofstream stream(file);
    stream << peer.config(place);
    if (!stream.flush())
        return base::unexpected(base::Errc::Internal, "cannot write " + file);
    return launch;
}

Launch checkOf(const KnownPeer &peer, const PeerPlace &place)
{
    return launchOf(peer, place.folder, peer.checkArguments(place, fileOf(peer, place)));
}

std::string versionOf(const KnownPeer &peer)
{
    const auto output =
        ChildProcess::run(launchOf(peer, "/nonexistent", peer.versionArguments), VersionDeadline);
    if (!output)
        return {};
    // "nginx version: nginx/1.22.1", "HAProxy version 2.6.12-1 2023/12/16 - …", "v2.6.2 h1:…": from the first
    // digit to the next blank.
    const auto begin =
        std::find_if(output->begin(), output->end(), [](unsigned char byte) { return std::isdigit(byte); });
    const auto end =
        std::find_if(begin, output->end(), [](unsigned char byte) { return std::isspace(byte); });
    return begin == end ? std::string() : std::string(peer.name) + '/' + std::string(begin, end);
}

} // namespace weir::subjects
