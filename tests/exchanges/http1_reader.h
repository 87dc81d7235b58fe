// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/message.h"
#include <llhttp.h>
#include <QByteArray>

namespace weir::exchanges {

/// Reads the HTTP/1.1 messages of one connection, one at a time, and keeps all of each. On llhttp alone: what
/// Weir writes is not judged by what Weir reads with.
class Http1Reader
{
public:
    enum class Kind
    {
        Requests,
        Replies
    };

    explicit Http1Reader(Kind kind);
    Http1Reader(const Http1Reader &) = delete;
    Http1Reader &operator=(const Http1Reader &) = delete;

    /// Makes ready for the next message and reads what of it has come already. `toHead`: the reply is to
    /// HEAD.
    void start(bool toHead = false);
    /// Bytes of the connection. Those behind the end of the message wait for start().
    void feed(const QByteArray &bytes);
    /// The connection has ended.
    void finish();

    const Message &message() const { return m_message; }
    /// Bytes behind the end of the message.
    const QByteArray &rest() const { return m_rest; }
    /// Why this is no HTTP; "" while it is.
    const QByteArray &fault() const { return m_fault; }

private:
    void read();
    void endField();
    static Http1Reader &self(llhttp_t *parser) { return *static_cast<Http1Reader *>(parser->data); }
    static llhttp_settings_t settings();

    const llhttp_type_t m_type;
    const llhttp_settings_t m_settings;
    llhttp_t m_parser{};
    Message m_message;
    QByteArray m_target;
    QByteArray m_name;
    QByteArray m_value;
    QByteArray m_rest;
    QByteArray m_fault;
    bool m_toHead = false;
    bool m_isInValue = false;
    bool m_isHeadRead = false;
};

} // namespace weir::exchanges
