// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/programs.h"

#include "subjects/probe.h"
#include <filesystem>
#include <netinet/in.h>
#include <regex>
#include <sys/socket.h>
#include <unistd.h>

namespace weir::subjects {

namespace {

using Milliseconds = ChildProcess::Milliseconds;

constexpr Milliseconds VersionDeadline{5000};
/// A single request of the waiting; some proxies hold one back while they cannot reach the provider.
constexpr Milliseconds ProbeDeadline{2000};
constexpr Milliseconds ProbePause{20};

base::Unexpected failed(std::string why)
{
    return base::unexpected(base::Errc::Internal, std::move(why));
}

/// Empty once it answers; else why it does not, after StartDeadline, its end or shouldStop.
std::string waitForAnswer(RunningProgram &program, const Site &site)
{
    const auto deadline = std::chrono::steady_clock::now() + StartDeadline;
    while (true) {
        const std::string problem = problemOf(program, ProbeDeadline);
        if (problem.empty())
            return {};
        if (const std::string ended = program.troubles(); !ended.empty())
            return ended;
        if (site.shouldStop && site.shouldStop())
            return "interrupted while " + program.name() + " was starting";
        if (std::chrono::steady_clock::now() > deadline)
            return problem;
        std::this_thread::sleep_for(ProbePause);
    }
}

/// The port in "listening on http://127.0.0.1:8484\n"; nothing before the line is whole.
std::optional<std::uint16_t> printedPort(const std::string &output)
{
    static const std::regex pattern("\\w on https?://[^\\n]*:(\\d+)\\s");
    std::smatch match;
    if (!std::regex_search(output, match, pattern))
        return std::nullopt;
    return std::uint16_t(std::stoul(match[1]));
}

/// Starts a program that takes a free port and prints it. Whether it answers is another question.
Started startPrinting(const Launch &launch, const std::string &version)
{
    auto process = ChildProcess::start(launch);
    if (!process)
        return base::Unexpected{process.error()};
    std::optional<std::uint16_t> port;
    const std::string problem = (*process)->waitForOutput(
        [&port](const std::string &output) {
            port = printedPort(output);
            return port.has_value();
        },
        StartDeadline);
    if (!problem.empty())
        return failed(problem);
    return std::make_unique<RunningProgram>(launch.name, version, *port, std::move(*process));
}

/// The same program once it answers.
Started answering(Started started, const Site &site)
{
    if (!started)
        return started;
    const std::string problem = waitForAnswer(**started, site);
    return problem.empty() ? std::move(started) : Started(failed(problem));
}

/// A folder for what one program writes; its path.
base::Result<std::string> makeFolder(const Site &site, const std::string &name)
{
    const std::string folder = site.folder + '/' + name;
    std::error_code error;
    std::filesystem::create_directories(folder, error);
    if (error)
        return failed("cannot make " + folder + ": " + error.message());
    return folder;
}

bool isPortTaken(const std::string &output)
{
    // nginx and caddy: "Address already in use", haproxy: "cannot bind socket".
    return output.find("in use") != std::string::npos || output.find("cannot bind") != std::string::npos;
}

} // namespace

std::uint16_t freePort()
{
    const int descriptor = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto *generic = reinterpret_cast<sockaddr *>(&address);
    const bool isFree =
        ::bind(descriptor, generic, size) == 0 && ::getsockname(descriptor, generic, &size) == 0;
    ::close(descriptor);
    return isFree ? ntohs(address.sin_port) : std::uint16_t(0);
}

Started startProvider(const Site &site, const std::string &program, const std::string &name,
                      const std::string &caFile)
{
    Launch launch;
    launch.name = name;
    launch.program = program;
    launch.arguments = {"simulate"};
    launch.environment = cleanEnvironment(site.folder);
    if (caFile.empty())
        return answering(startPrinting(launch, ""), site);
    launch.arguments.insert(launch.arguments.end(), {"--tls", "--cert-out", caFile});
    // The probe speaks no TLS: whether this one answers is seen through whoever stands in front of it.
    return startPrinting(launch, "");
}

Started startWeir(const Site &site, const WeirChoice &choice, const Provided &provider)
{
    const auto folder = makeFolder(site, choice.name);
    if (!folder)
        return base::Unexpected{folder.error()};
    Launch launch;
    launch.name = choice.name;
    launch.program = choice.program;
    launch.environment = cleanEnvironment(*folder); // no configuration of the user's
    launch.arguments = {"--version"};
    auto version = ChildProcess::run(launch, VersionDeadline);
    if (!version)
        return base::Unexpected{version.error()};
    version->erase(version->find_last_not_of(" \n") + 1);

    const std::string origin = "https://127.0.0.1:" + std::to_string(provider.port);
    std::vector<std::string> settings{"provider.sim.anthropic_base=" + origin,
                                      "provider.sim.openai_base=" + origin + "/v1",
                                      "provider.sim.ca_file=" + provider.caFile,
                                      "route.anthropic=sim",
                                      "route.openai=sim",
                                      "store.enabled=false"}; // the peers keep no log either; --set
                                                              // store.enabled=true measures what it costs
    settings.insert(settings.end(), choice.settings.begin(), choice.settings.end());
    launch.arguments = {"--port", "0"};
    for (const std::string &setting : settings)
        launch.arguments.insert(launch.arguments.end(), {"--set", setting});
    return answering(startPrinting(launch, *version), site);
}

Started startKnownPeer(const Site &site, const KnownPeer &peer, const Provided &provider)
{
    const auto folder = makeFolder(site, std::string(peer.name));
    if (!folder)
        return base::Unexpected{folder.error()};
    const std::string version = versionOf(peer);
    std::string problem;
    for (int attempt = 0; attempt < StartAttempts; ++attempt) {
        const PeerPlace place{*folder, freePort(), provider.port, provider.caFile};
        const auto launch = prepare(peer, place);
        if (!launch)
            return base::Unexpected{launch.error()};
        auto process = ChildProcess::start(*launch);
        if (!process)
            return base::Unexpected{process.error()};
        auto program =
            std::make_unique<RunningProgram>(launch->name, version, place.port, std::move(*process));
        problem = waitForAnswer(*program, site);
        // A stranger that took the port first would answer as well.
        if (problem.empty())
            problem = program->troubles();
        if (problem.empty())
            return program;
        if (!isPortTaken(program->process().output()))
            break;
    }
    return failed(problem);
}

} // namespace weir::subjects
