// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/script.h"

#include "exchanges/compare.h"
#include "exchanges/wait.h"
#include <algorithm>
#include <utility>

namespace weir::exchanges {

namespace {

constexpr int FinalStatusMin = 200;

Fields fieldsOf(const std::vector<Text> &lines, const Names &names)
{
    Fields fields;
    for (const Text &line : lines) {
        const QByteArray bytes = line.bytes(names);
        const qsizetype colon = bytes.indexOf(':');
        fields.emplace_back(bytes.left(colon), bytes.mid(colon + 1).trimmed());
    }
    return fields;
}

bool isNamed(const Fields &fields, const char *name)
{
    return std::any_of(fields.begin(), fields.end(),
                       [&](const auto &field) { return field.first.toLower() == name; });
}

qsizetype sizeOf(const std::vector<Text> &body, const Names &names)
{
    qsizetype size = 0;
    for (const Text &piece : body)
        size += piece.bytes(names).size();
    return size;
}

bool isBodiless(int status, const Arrival &request)
{
    return status < FinalStatusMin || status == 204 || status == 304 ||
           request.request.start.startsWith("HEAD ");
}

QByteArray chunk(const QByteArray &bytes)
{
    constexpr int Hex = 16;
    return QByteArray::number(bytes.size(), Hex) + "\r\n" + bytes + "\r\n";
}

QByteArray whatCame(const Message &message)
{
    return "  what came:\n" + written(message);
}

} // namespace

Script::Script(const Document &document, QByteArray path, Transport transport)
    : m_document(document), m_path(std::move(path)), m_transport(transport)
{
}

QByteArray Script::play()
{
    const auto place = [this](int line) {
        return m_path + ':' + QByteArray::number(line) + ", over " + name(m_transport);
    };
    if (const QByteArray problem = prepare(); !problem.isEmpty())
        return place(1) + '\n' + problem;
    for (const Step &step : m_document.steps) {
        if (const QByteArray problem = perform(step); !problem.isEmpty())
            return place(step.line) + ": " + step.words + '\n' + problem;
    }
    const QByteArray problem = finish();
    return problem.isEmpty() ? QByteArray()
                             : place(m_document.steps.back().line) + ": after the last step\n" + problem;
}

QByteArray Script::prepare()
{
    m_names["provider key"] = ProviderKey;
    std::optional<simulator::Certificate> certificate; // one for all: they have the same names
    if (isHttp2(m_transport)) {
        const auto made = simulator::makeCertificate();
        if (!made)
            return QByteArray::fromStdString(base::describe(made.error()));
        certificate = *made;
    }
    for (const QByteArray &upstream : m_document.upstreams) {
        m_upstreams.push_back({std::make_unique<Peer>(certificate), {}});
        const Peer &peer = *m_upstreams.back().peer;
        if (!peer.fault().isEmpty())
            return peer.fault();
        m_names[upstream] = peer.authority();
        m_names[upstream + " url"] = peer.url();
    }
    QByteArray problem;
    m_proxy = std::make_unique<Proxy>(m_document, m_path, m_transport, m_names,
                                      certificate ? certificate->certificatePem : QByteArray(), problem);
    m_names["port"] = QByteArray::number(m_proxy->port());
    for (const Key &key : m_document.keys) {
        if (!problem.isEmpty())
            return problem;
        const std::size_t number = std::size_t(&key - m_document.keys.data()) + 1;
        m_names[number == 1 ? QByteArray("key") : "key " + QByteArray::number(number)] =
            m_proxy->makeKey(key, number, problem);
        if (!problem.isEmpty())
            problem = "line " + QByteArray::number(key.line) + ": " + problem;
    }
    return problem;
}

QByteArray Script::perform(const Step &step)
{
    if (step.act == Act::GetNothing)
        return getNothing();
    return step.who == TheClient ? performOfClient(step) : performOfUpstream(step);
}

QByteArray Script::performOfClient(const Step &step)
{
    if (step.number > int(m_clients.size()))
        m_clients.push_back(std::make_unique<Client>(m_proxy->port()));
    Client &client = *m_clients[std::size_t(step.number) - 1];
    switch (step.act) {
    case Act::Send:
        sendRequest(client, step.sending);
        return {};
    case Act::SendMore:
        client.caller.send(pieces(client, step.sending));
        return {};
    case Act::SendRaw:
        client.sentRaw = true;
        client.sendsChunks = false;
        client.caller.send(pieces(client, step.sending));
        return {};
    case Act::Get:
        client.bodyRead = 0;
        client.caller.startReply();
        return getReply(client, step);
    case Act::GetMore:
        return getReply(client, step);
    case Act::Close:
        client.hasEnded = true;
        client.caller.close();
        return {};
    case Act::Reset:
        client.hasEnded = true;
        client.caller.reset();
        return {};
    default:
        return "no client can do this\n";
    }
}

void Script::sendRequest(Client &client, const Sending &sending)
{
    QByteArray head;
    for (const Text &line : sending.head)
        head += line.bytes(m_names) + "\r\n";
    const QByteArray lower = head.toLower();
    const bool hasLength = lower.contains("\ncontent-length:");
    const bool hasBody = !sending.body.empty() || !sending.isWhole;
    client.sendsChunks = lower.contains("\ntransfer-encoding:");
    if (hasBody && !hasLength && !client.sendsChunks) {
        client.sendsChunks = !sending.isWhole;
        head += client.sendsChunks
                    ? QByteArray("Transfer-Encoding: chunked\r\n")
                    : "Content-Length: " + QByteArray::number(sizeOf(sending.body, m_names)) + "\r\n";
    }
    client.caller.noteRequest(head.startsWith("HEAD "));
    client.caller.send(head + "\r\n" + pieces(client, sending));
}

QByteArray Script::pieces(const Client &client, const Sending &sending) const
{
    QByteArray all;
    for (const Text &piece : sending.body) {
        const QByteArray bytes = piece.bytes(m_names);
        all += client.sendsChunks ? chunk(bytes) : bytes;
    }
    return client.sendsChunks && sending.isWhole ? all + "0\r\n\r\n" : all;
}

QByteArray Script::getReply(Client &client, const Step &step)
{
    Caller &caller = client.caller;
    const Expectation &expected = step.expectation;
    const Message &reply = caller.reply();
    waitUntil([&] {
        caller.update();
        return reply.isOver() || !caller.fault().isEmpty() ||
               isHopeless(expected, reply, client.bodyRead, m_names) ||
               (expected.ending == Ending::More &&
                difference(expected, reply, client.bodyRead, m_names).isEmpty());
    });
    if (!caller.fault().isEmpty())
        return "  " + caller.fault() + '\n' + whatCame(reply);
    if (const QByteArray wrong = difference(expected, reply, client.bodyRead, m_names); !wrong.isEmpty())
        return wrong + whatCame(reply);
    if (expected.ending == Ending::More) {
        client.bodyRead += expected.body ? expected.body->bytes(m_names).size() : 0;
        return {};
    }
    caller.endReply();
    if (expected.ending == Ending::Whole) {
        const Fields &fields = reply.fields;
        const bool saysClose = std::any_of(fields.begin(), fields.end(), [](const auto &field) {
            return field.first.toLower() == "connection" && field.second == "close";
        });
        return saysClose ? "  this reply says that its connection closes: (closed)\n" + whatCame(reply)
                         : QByteArray();
    }
    client.hasEnded = true;
    if (!waitUntil([&] { return caller.isClosed(); }))
        return "  expected  that the connection closes\n  got       no end\n" + whatCame(reply);
    caller.update();
    return caller.surplus().isEmpty() ? QByteArray() : "  surplus bytes: " + written(caller.surplus()) + '\n';
}

QByteArray Script::performOfUpstream(const Step &step)
{
    Upstream &upstream = m_upstreams[std::size_t(step.who)];
    if (step.act == Act::Get)
        upstream.bodiesRead.push_back(0);
    if (step.act == Act::Get || step.act == Act::GetMore)
        return getRequest(upstream, step);
    Arrival &arrival = *upstream.peer->arrivals()[std::size_t(step.number) - 1];
    PeerConnection &connection = *arrival.connection;
    switch (step.act) {
    case Act::Send:
        answer(arrival, step.sending);
        return {};
    case Act::SendMore:
        sendPieces(arrival, step.sending);
        return {};
    case Act::SendTrailers:
        connection.end(arrival, fieldsOf(step.sending.head, m_names));
        connection.flush();
        return {};
    case Act::SendRaw:
        for (const Text &piece : step.sending.body)
            connection.sendRaw(piece.bytes(m_names));
        connection.flush();
        return {};
    case Act::Close:
        connection.close();
        return {};
    case Act::Reset:
        if (step.code)
            connection.resetStream(arrival, *step.code);
        else
            connection.reset();
        return {};
    case Act::GoAway:
        connection.goAway(*step.code, *step.last);
        return {};
    case Act::BeCancelled:
        return waitUntil([&] { return arrival.isCancelled; })
                   ? QByteArray()
                   : "  expected  that Weir gives the call up\n  got       no sign of it\n";
    default:
        return "no upstream can do this\n";
    }
}

QByteArray Script::getRequest(Upstream &upstream, const Step &step)
{
    const Expectation &expected = step.expectation;
    const std::size_t at = std::size_t(step.number) - 1;
    qsizetype &bodyRead = upstream.bodiesRead[at];
    const auto &arrivals = upstream.peer->arrivals();
    waitUntil([&] {
        if (arrivals.size() <= at)
            return !upstream.peer->fault().isEmpty();
        const Message &request = arrivals[at]->request;
        return request.isOver() || isHopeless(expected, request, bodyRead, m_names) ||
               (expected.ending == Ending::More &&
                difference(expected, request, bodyRead, m_names).isEmpty());
    });
    if (arrivals.size() <= at) {
        QByteArray problem = "  expected  " + written(expected.start.bytes(m_names)) +
                             "\n  got       no request " + upstream.peer->fault() + '\n';
        for (const auto &client : m_clients) {
            client->caller.update();
            problem += "  a client has got:\n" + written(client->caller.surplus()) + '\n';
        }
        return problem;
    }
    const Message &request = arrivals[at]->request;
    if (const QByteArray wrong = difference(expected, request, bodyRead, m_names); !wrong.isEmpty())
        return wrong + whatCame(request);
    if (expected.ending == Ending::More && expected.body)
        bodyRead += expected.body->bytes(m_names).size();
    return {};
}

void Script::answer(Arrival &arrival, const Sending &sending)
{
    AnswerHead head{sending.status, fieldsOf(sending.head, m_names), false, false};
    const bool hasBody = !isBodiless(sending.status, arrival);
    const bool isFramed = isNamed(head.fields, "content-length") || isNamed(head.fields, "transfer-encoding");
    if (hasBody && !isFramed) {
        head.endsByClose = sending.framing == Framing::UntilClose;
        head.isChunked =
            sending.framing == Framing::Chunked || (sending.framing == Framing::ByBlock && !sending.isWhole);
        if (!head.endsByClose && !head.isChunked)
            head.fields.emplace_back("Content-Length", QByteArray::number(sizeOf(sending.body, m_names)));
    }
    arrival.connection->sendHead(arrival, head, hasBody);
    if (sending.status >= FinalStatusMin)
        sendPieces(arrival, sending);
    else
        arrival.connection->flush();
}

void Script::sendPieces(Arrival &arrival, const Sending &sending)
{
    for (const Text &piece : sending.body)
        arrival.connection->sendBody(arrival, piece.bytes(m_names));
    if (sending.isWhole)
        arrival.connection->end(arrival, {});
    arrival.connection->flush();
}

QByteArray Script::getNothing() const
{
    for (const Upstream &upstream : m_upstreams) {
        const auto &arrivals = upstream.peer->arrivals();
        if (arrivals.size() > upstream.bodiesRead.size())
            return "  a request that no step tells of has come:\n" +
                   written(arrivals[upstream.bodiesRead.size()]->request);
    }
    return {};
}

/// What no step speaks of must not happen either.
QByteArray Script::finish()
{
    for (const auto &client : m_clients) {
        if (const QByteArray problem = checkKept(*client); !problem.isEmpty())
            return problem;
    }
    m_clients.clear();
    m_proxy.reset();
    // Without the engine all its connections end, and what it has sent is read to the end.
    for (const Upstream &upstream : m_upstreams) {
        if (!waitUntil([&] { return upstream.peer->openConnections() == 0; }))
            return "  a connection to an upstream does not end with the engine\n";
    }
    return getNothing();
}

/// A connection that has not ended for the document still serves, and nothing has come on it that no step
/// got.
QByteArray Script::checkKept(Client &client)
{
    Caller &caller = client.caller;
    if (client.hasEnded || client.sentRaw)
        return {};
    if (!caller.hasAllReplies())
        return "  a client has not got all its replies: say what it gets, or that it closes\n";
    caller.update();
    if (!caller.surplus().isEmpty())
        return "  a client has got what no step tells of: " + written(caller.surplus()) + '\n';
    caller.noteRequest(false);
    caller.send("GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
    caller.startReply();
    waitUntil([&] {
        caller.update();
        return caller.reply().isOver() || !caller.fault().isEmpty();
    });
    return caller.reply().start == "200"
               ? QByteArray()
               : "  a client's connection does not serve any more; (closed) says that it is to end\n" +
                     whatCame(caller.reply());
}

} // namespace weir::exchanges
