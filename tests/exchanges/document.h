// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/text.h"
#include <array>
#include <cstdint>
#include <optional>
#include <QByteArray>
#include <QRegularExpression>
#include <variant>
#include <vector>

namespace weir::exchanges {

/// How Weir reaches the upstream.
enum class Transport : std::uint8_t
{
    H1,     ///< a direct lane, HTTP/1.1 in cleartext
    H2,     ///< a direct lane, HTTP/2 over TLS
    QnamH1, ///< Qt's network stack, HTTP/1.1 in cleartext
    QnamH2, ///< Qt's network stack, HTTP/2 over TLS
};
inline constexpr std::array AllTransports{Transport::H1, Transport::H2, Transport::QnamH1, Transport::QnamH2};

QByteArray name(Transport transport); ///< "h1", "h2", "qnam-h1", "qnam-h2"
constexpr bool isHttp2(Transport transport)
{
    return transport == Transport::H2 || transport == Transport::QnamH2;
}

/// How the length of an upstream's answer is told over HTTP/1.1.
enum class Framing : std::uint8_t
{
    ByBlock, ///< Content-Length where the whole answer stands in one block, else chunked
    Chunked,
    UntilClose
};

/// How a block ends.
enum class Ending : std::uint8_t
{
    Whole,
    More,  ///< (more): the message goes on
    Cut,   ///< (cut): the message breaks off here
    Closed ///< (closed): the message is whole, and then the connection closes
};

/// What a message is to be of: a request line and fields, or a status and fields; then a body.
struct Sending
{
    std::vector<Text> head; ///< lines; of an upstream's answer without the status
    int status = 0;         ///< of an upstream's answer
    Framing framing = Framing::ByBlock;
    std::vector<Text> body; ///< pieces: each is written, and chunked, by itself
    bool isWhole = true;
};

/// One thing that must be true of a message.
struct Statement
{
    enum class Relation : std::uint8_t
    {
        Is,
        Has,
        Matches,
        IsAbsent
    };
    int line = 0;
    QByteArray subject; ///< name of a field, in lower case; "body", or "body.a.b" of JSON
    Relation relation = Relation::Is;
    Text text;
    QRegularExpression pattern; ///< of Matches
};

/// What must arrive.
struct Expectation
{
    Text start; ///< "POST /v1/messages" or "200"; empty if a message goes on
    std::vector<Statement> statements;
    std::optional<Text> body; ///< exactly; without one and without a statement about it there must be none
    Ending ending = Ending::Whole;
};

enum class Act : std::uint8_t
{
    Send,
    SendRaw,
    SendMore,
    SendTrailers,
    Get,
    GetMore,
    Close,
    Reset,
    GoAway,
    BeCancelled,
    GetNothing ///< nobody has asked an upstream for anything that has not been told
};

inline constexpr int TheClient = -1;

struct Step
{
    int line = 0;
    QByteArray words;    ///< as written
    int who = TheClient; ///< or the number of an upstream
    int number =
        0; ///< of the client's connection, or of the upstream's request in the order of arrival; from 1
    Act act = Act::Send;
    Sending sending;
    Expectation expectation;
    std::optional<std::uint32_t> code; ///< of RST_STREAM and GOAWAY
    std::optional<int> last;           ///< GOAWAY: requests of this connection that were processed
};

/// An access key that is made before the first step.
struct Key
{
    int line = 0;
    QByteArray json; ///< its fields, as POST /admin/keys takes them
};

struct Document
{
    QByteArray title;
    std::vector<Transport> transports;
    std::vector<QByteArray> upstreams{"upstream"}; ///< names of providers; the first is asked by default
    Text settings;                                 ///< TOML
    int settingsLine = 0;                          ///< of its first line; 0 = there is none
    std::vector<Key> keys;
    std::vector<Step> steps;
};

/// Why a document cannot be read.
struct Problem
{
    int line = 0;
    QByteArray what;

    bool operator==(const Problem &) const = default;
};

/// Reads a document; README.md has the grammar. Pure.
std::variant<Document, Problem> readDocument(QByteArrayView text);

} // namespace weir::exchanges
