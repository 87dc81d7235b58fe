// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "exchanges/caller.h"
#include "exchanges/document.h"
#include "exchanges/peer.h"
#include "exchanges/proxy.h"
#include <memory>
#include <vector>

namespace weir::exchanges {

/// Plays one document over one transport: the real engine between clients and upstreams that do what its
/// steps say, one after the other.
class Script
{
public:
    /// `document` is borrowed; `path` is for messages.
    Script(const Document &document, QByteArray path, Transport transport);

    /// Once. "", or what was not as expected, with its line, for a person.
    QByteArray play();

private:
    struct Client
    {
        explicit Client(quint16 port) : caller(port) {}

        Caller caller;
        bool sendsChunks = false; // in the request at hand
        bool sentRaw = false;     // so nobody knows what is due
        bool hasEnded = false;
        qsizetype bodyRead = 0; // of the reply at hand
    };
    struct Upstream
    {
        std::unique_ptr<Peer> peer;
        std::vector<qsizetype> bodiesRead; // of each request that a step has got
    };

    QByteArray prepare();
    QByteArray perform(const Step &step);
    QByteArray performOfClient(const Step &step);
    QByteArray performOfUpstream(const Step &step);
    void sendRequest(Client &client, const Sending &sending);
    QByteArray pieces(const Client &client, const Sending &sending) const;
    QByteArray getReply(Client &client, const Step &step);
    QByteArray getRequest(Upstream &upstream, const Step &step);
    void answer(Arrival &arrival, const Sending &sending);
    void sendPieces(Arrival &arrival, const Sending &sending);
    QByteArray getNothing() const;
    QByteArray finish();
    QByteArray checkKept(Client &client);

    const Document &m_document;
    const QByteArray m_path;
    const Transport m_transport;
    Names m_names;
    std::vector<Upstream> m_upstreams;
    std::unique_ptr<Proxy> m_proxy;
    std::vector<std::unique_ptr<Client>> m_clients;
};

} // namespace weir::exchanges
