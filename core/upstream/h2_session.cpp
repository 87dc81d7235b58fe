// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/h2_session.h"

#include "http/limits.h"
#include "http/response_parser.h"
#include "upstream/h2_call.h"
#include "upstream/h2_callbacks.h"
#include <algorithm>
#include <array>
#include <charconv>

namespace weir::upstream {

using base::Errc;
using base::Error;

namespace {

/// Bytes handed to the socket in one piece: what a TLS record holds (RFC 8446 §5.1).
constexpr qsizetype RecordSize = 16 * 1024;

nghttp2_nv field(std::string_view name, std::string_view value, std::uint8_t flags = NGHTTP2_NV_FLAG_NONE)
{
    // nghttp2 copies both, and brings the name to lower case; its type only lacks the const.
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<std::uint8_t *>(const_cast<char *>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), flags};
}

/// Never to be put into a compression table that other requests of the connection share (RFC 7541 §7.1.3).
/// nghttp2 itself knows of `authorization`.
bool isSecret(std::string_view name)
{
    constexpr std::array<std::string_view, 4> Secrets{"x-api-key", "api-key", "cookie",
                                                      "proxy-authorization"};
    return std::any_of(Secrets.begin(), Secrets.end(),
                       [name](std::string_view secret) { return http::equalsIgnoreCase(name, secret); });
}

} // namespace

H2Session::H2Session(QTcpSocket &socket, QObject &lane, const Origin &origin, const base::Clock &clock,
                     base::Duration pingDeadline)
    : Session(socket, lane, origin)
    , m_authority(authorityOf(origin))
    , m_tls(origin.tls)
    , m_clock(clock)
    , m_session(Callbacks::makeSession(*this), nghttp2_session_del)
{
    const std::array<nghttp2_settings_entry, 3> settings{{
        {NGHTTP2_SETTINGS_ENABLE_PUSH, 0},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, StreamWindow},
        {NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, http::HeadMax},
    }};
    nghttp2_submit_settings(m_session.get(), NGHTTP2_FLAG_NONE, settings.data(), settings.size());
    nghttp2_session_set_local_window_size(m_session.get(), NGHTTP2_FLAG_NONE, 0, ConnectionWindow);
    m_barrenSince = clock.now();
    m_pingTimer.setSingleShot(true);
    m_pingTimer.setInterval(std::chrono::ceil<std::chrono::milliseconds>(pingDeadline));
    QObject::connect(&m_pingTimer, &QTimer::timeout, &m_pingTimer, [this] { pingExpired(); });
    askForTurn();
}

H2Session::~H2Session()
{
    for (const std::vector<H2Call *> left = m_calls; H2Call * call : left)
        call->cancel();
}

// ── calls

std::unique_ptr<Call> H2Session::start(const CallRequest &request, CallSink &sink)
{
    m_wasIdle = m_wasIdle || m_calls.empty();
    auto call = std::make_unique<H2Call>(*this, request, sink);
    submit(*call, request);
    m_calls.push_back(call.get());
    askForTurn();
    return call;
}

void H2Session::submit(H2Call &call, const CallRequest &request)
{
    m_fields.clear();
    m_fields.push_back(field(":method", request.method));
    m_fields.push_back(field(":scheme", m_tls ? "https" : "http"));
    m_fields.push_back(field(":authority", m_authority));
    m_fields.push_back(field(":path", request.target));
    for (const auto [name, value] : request.headers)
        m_fields.push_back(
            field(name, value, isSecret(name) ? NGHTTP2_NV_FLAG_NO_INDEX : NGHTTP2_NV_FLAG_NONE));
    std::array<char, 20> digits;
    if (request.bodySize) {
        const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), *request.bodySize).ptr;
        m_fields.push_back(field("content-length", {digits.data(), std::size_t(end - digits.data())}));
    }
    nghttp2_data_provider body{};
    body.read_callback = Callbacks::readBody;
    call.id = nghttp2_submit_request(m_session.get(), nullptr, m_fields.data(), m_fields.size(),
                                     request.hasBody ? &body : nullptr, nullptr);
    Q_ASSERT(call.id > 0); // the lane retires long before the ids run out
}

void H2Session::requestIsWhole()
{
    askForTurn();
    if (++m_wholeRequests >= RequestsPerWrite && !isInTurn() && !fault())
        write(); // what comes of it is for the turn that was asked for
}

std::vector<H2Call *>::const_iterator H2Session::place(std::int32_t id) const
{
    const auto isBefore = [](const H2Call *call, std::int32_t wanted) { return call->id < wanted; };
    return std::lower_bound(m_calls.begin(), m_calls.end(), id, isBefore);
}

H2Call *H2Session::find(std::int32_t id) const
{
    const auto at = place(id);
    return at != m_calls.end() && (*at)->id == id ? *at : nullptr;
}

void H2Session::forget(std::int32_t id)
{
    m_calls.erase(place(id));
}

void H2Session::reset(std::int32_t id, std::uint32_t code)
{
    nghttp2_submit_rst_stream(m_session.get(), NGHTTP2_FLAG_NONE, id, code);
    askForTurn();
}

// ── turns

void H2Session::deliver()
{
    std::size_t done = 0;
    while (done < m_due.size() && budget().mayMove()) { // it may grow
        H2Call *call = find(m_due[done]);
        if (!call || !call->deliverNext())
            ++done;
    }
    m_due.erase(m_due.begin(), m_due.begin() + std::ptrdiff_t(done));
    if (!m_due.empty())
        budget().leaveRest();
}

void H2Session::take(std::string_view bytes)
{
    m_aliveSincePing = true;
    const ssize_t used = nghttp2_session_mem_recv(
        m_session.get(), reinterpret_cast<const std::uint8_t *>(bytes.data()), bytes.size());
    if (used < 0)
        fail(Errc::UpstreamProtocol,
             m_faultSeen.empty() ? nghttp2_strerror(int(used)) : std::string(m_faultSeen));
}

void H2Session::write()
{
    if (std::exchange(m_wasIdle, false) && isHungUp()) {
        fail(Errc::UpstreamClosed, "while it was idle");
        return;
    }
    m_wholeRequests = 0;
    QByteArray out;
    bool isFull = false;
    bool isAny = false;
    while (!(isFull = pendingBytes() + out.size() > OutgoingMax) && budget().mayWrite()) {
        const std::uint8_t *data = nullptr;
        const ssize_t size = nghttp2_session_mem_send(m_session.get(), &data);
        if (size < 0)
            fail(Errc::UpstreamProtocol, nghttp2_strerror(int(size)));
        if (size <= 0)
            break;
        if (!out.isEmpty() && out.size() + size > RecordSize)
            socket().write(std::exchange(out, {}));
        if (out.isEmpty())
            out.reserve(std::max(RecordSize, qsizetype(size)));
        out.append(reinterpret_cast<const char *>(data), size);
        budget().countWritten(size);
        isAny = true;
    }
    setBlocked(isFull);
    if (!budget().mayWrite())
        budget().leaveRest();
    if (isAny) {
        socket().write(out);
        flush();
    }
    for (const std::int32_t id : std::exchange(m_sent, {})) {
        if (H2Call *call = find(id))
            call->tellSent();
    }
    for (const std::int32_t id : std::exchange(m_hungry, {})) {
        if (H2Call *call = find(id))
            call->tellBodyWanted();
    }
}

void H2Session::connectionLost(const Error &why)
{
    m_pingTimer.stop();
    closeForCalls();
    for (H2Call *call : m_calls)
        call->end(why, call->headersSent ? Processed::Maybe : Processed::No);
}

void H2Session::close()
{
    m_pingTimer.stop();
    nghttp2_session_terminate_session(m_session.get(), NGHTTP2_NO_ERROR);
    write();
    socket().disconnectFromHost();
}

// ── health

void H2Session::checkHealth()
{
    if (m_pingTimer.isActive() || fault())
        return;
    m_aliveSincePing = false;
    m_aheadOfPing = outgoing();
    m_pingSent = m_clock.now();
    nghttp2_submit_ping(m_session.get(), NGHTTP2_FLAG_NONE, nullptr);
    m_pingTimer.start();
    askForTurn();
}

void H2Session::pingExpired()
{
    // Whoever sends something else lives, too; the answer may stand in line behind it.
    if (m_aliveSincePing)
        return;
    // The PING may stand in line as well, behind megabytes for an upstream, or over a way, that takes them
    // slowly.
    const std::optional<Outgoing> before = std::exchange(m_aheadOfPing, outgoing());
    if (before && before->isWaiting && m_aheadOfPing && m_aheadOfPing->taken > before->taken)
        m_pingTimer.start();
    else
        fail(Errc::UpstreamClosed, "no answer to a PING");
}

void H2Session::addFigures(LaneFigures &figures) const
{
    figures.goAways = m_goAways;
    figures.resets = m_resets;
    figures.roundTrip = m_roundTrip;
}

} // namespace weir::upstream
