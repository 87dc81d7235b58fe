// SPDX-License-Identifier: GPL-3.0-or-later
#include "subjects/choice.h"

#include "subjects/known_peer.h"
#include <algorithm>
#include <array>
#include <netdb.h>
#include <QUrl>
#include <set>
#include <sys/socket.h>

namespace weir::subjects {

namespace {

constexpr std::size_t NameMax = 24; // a column of the table
constexpr std::string_view NameLetters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";

base::Unexpected wrong(std::string sentence)
{
    return base::unexpected(base::Errc::ConfigInvalid, std::move(sentence));
}

bool isName(const std::string &text)
{
    return !text.empty() && text.size() <= NameMax &&
           text.find_first_not_of(NameLetters) == std::string::npos;
}

base::Unexpected wrongName(const std::string &name)
{
    return wrong("\"" + name + "\" is no name: 1 to " + std::to_string(NameMax) +
                 " letters, digits, dots, hyphens and underscores are one");
}

/// "" if there is no such host.
std::string numericAddress(const std::string &host)
{
    addrinfo hints{};
    hints.ai_socktype = SOCK_STREAM;
    addrinfo *found = nullptr;
    if (::getaddrinfo(host.c_str(), nullptr, &hints, &found) != 0)
        return {};
    std::array<char, NI_MAXHOST> text{};
    const int problem = ::getnameinfo(found->ai_addr, found->ai_addrlen, text.data(), text.size(), nullptr, 0,
                                      NI_NUMERICHOST);
    ::freeaddrinfo(found);
    return problem == 0 ? text.data() : "";
}

base::Result<Location> readUrl(const std::string &text)
{
    constexpr int HttpPort = 80;
    const QUrl url(QString::fromStdString(text), QUrl::StrictMode);
    if (!url.isValid() || url.host().isEmpty())
        return wrong("\"" + text + "\" is no URL");
    if (url.scheme() != QLatin1String("http"))
        return wrong("\"" + text +
                     "\" is not http://: a client on this machine speaks to a proxy in cleartext, and so "
                     "does the tool");
    if (url.hasQuery() || url.hasFragment() || !url.userInfo().isEmpty())
        return wrong("of \"" + text +
                     "\" only host, port and path can be used; a credential goes into --peer-header");
    Location location;
    location.host = numericAddress(url.host().toStdString());
    location.port = std::uint16_t(url.port(HttpPort));
    location.basePath = url.path(QUrl::FullyEncoded).toStdString();
    while (!location.basePath.empty() && location.basePath.back() == '/')
        location.basePath.pop_back();
    if (location.host.empty())
        return wrong("there is no host \"" + url.host().toStdString() + '"');
    return location;
}

} // namespace

base::Result<PeerChoice> readPeer(const std::string &text)
{
    PeerChoice choice;
    const std::size_t equals = text.find('=');
    choice.name = text.substr(0, equals);
    if (equals == std::string::npos) {
        choice.isKnown = findKnownPeer(text) != nullptr;
        if (choice.isKnown)
            return choice;
        std::string names;
        for (const KnownPeer &peer : knownPeers())
            names.append(peer.name).append(", ");
        return wrong("\"" + text + "\" is no peer that the tool knows: it is one of " + names +
                     "or NAME=URL");
    }
    if (!isName(choice.name))
        return wrongName(choice.name);
    auto location = readUrl(text.substr(equals + 1));
    if (!location)
        return base::Unexpected{location.error()};
    choice.location = std::move(*location);
    return choice;
}

base::Result<void> readPeerHeader(const std::string &text, std::span<PeerChoice> peers)
{
    const std::size_t nameEnd = text.find(':');
    const std::size_t fieldEnd = nameEnd == std::string::npos ? nameEnd : text.find(':', nameEnd + 1);
    if (fieldEnd == std::string::npos || fieldEnd == nameEnd + 1 ||
        text.find_first_of("\r\n") != std::string::npos)
        return wrong("\"" + text + "\" is no NAME:Header: value");
    const std::string name = text.substr(0, nameEnd);
    const auto peer =
        std::find_if(peers.begin(), peers.end(), [&](const PeerChoice &each) { return each.name == name; });
    if (peer == peers.end() || peer->isKnown)
        return wrong("--peer-header is for a --peer NAME=URL, and \"" + name + "\" is none");
    const std::size_t value = text.find_first_not_of(' ', fieldEnd + 1);
    peer->headers.emplace_back(text.substr(nameEnd + 1, fieldEnd - nameEnd - 1),
                               value == std::string::npos ? "" : text.substr(value));
    return {};
}

base::Result<WeirChoice> readWeir(const std::string &text)
{
    constexpr std::string_view Separator = ",set=";
    WeirChoice choice;
    std::size_t end = text.find(Separator);
    choice.program = text.substr(0, end);
    if (const std::size_t equals = choice.program.find('='); equals != std::string::npos) {
        choice.name = choice.program.substr(0, equals);
        choice.program.erase(0, equals + 1);
    }
    if (!isName(choice.name))
        return wrongName(choice.name);
    while (end != std::string::npos) {
        const std::size_t begin = end + Separator.size();
        end = text.find(Separator, begin);
        choice.settings.push_back(text.substr(begin, end == std::string::npos ? end : end - begin));
    }
    return choice;
}

base::Result<void> checkNames(std::span<const WeirChoice> weirs, std::span<const PeerChoice> peers)
{
    std::set<std::string> names{"direct"};
    const auto take = [&names](const std::string &name) { return names.insert(name).second; };
    for (const WeirChoice &weir : weirs) {
        if (!take(weir.name))
            return wrong("there are two arms named \"" + weir.name + "\": name them with --weir NAME=FILE");
    }
    for (const PeerChoice &peer : peers) {
        if (!take(peer.name))
            return wrong("there are two arms named \"" + peer.name + '"');
    }
    return {};
}

} // namespace weir::subjects
