// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/arm.h"
#include <algorithm>
#include <cerrno>
#include <cstring>
#include <poll.h>
#include <sys/epoll.h>
#include <unistd.h>

namespace weir::load {

namespace {

constexpr int ErrorStatus = 400;
constexpr int GenerationShift = 32;

} // namespace

Arm::Arm(const Target &target, const Address &address, std::size_t connectionsMax, Nanos timeout,
         ArmEvents &events)
    : m_target(target)
    , m_address(address)
    , m_timeout(timeout)
    , m_events(events)
    , m_epoll(::epoll_create1(EPOLL_CLOEXEC))
{
    for (std::size_t index = 0; index < connectionsMax; ++index)
        m_connections.push_back(std::make_unique<Connection>(std::uint32_t(index)));
}

Arm::~Arm()
{
    closeAll();
    ::close(m_epoll);
}

void Arm::watch(const Connection &connection, int operation, std::uint32_t events) const
{
    epoll_event event{};
    event.events = events;
    event.data.u64 = std::uint64_t(connection.generation()) << GenerationShift | connection.index();
    ::epoll_ctl(m_epoll, operation, connection.descriptor(), &event);
}

void Arm::open(Connection &connection, Nanos when)
{
    const Nanos now = monotonicNow();
    if (when > now) {
        connection.setDue(when);
        m_nextSweep = std::min(m_nextSweep, when);
        return;
    }
    if (const int error = connection.open(m_address); error != 0) {
        m_events.unconnected(connection, describeSocketError(error), now);
        return;
    }
    connection.setDue(now + m_timeout);
    ++m_connecting;
    watch(connection, EPOLL_CTL_ADD, EPOLLIN | EPOLLOUT);
}

void Arm::send(Connection &connection, Nanos from)
{
    ++m_busy;
    const int error = connection.send(m_target.request, from);
    connection.setDue(from + m_timeout);
    if (error != 0)
        fail(connection, describeSocketError(error), monotonicNow());
    else if (connection.state() == Connection::State::Sending)
        watch(connection, EPOLL_CTL_MOD, EPOLLIN | EPOLLOUT);
}

void Arm::wait(Nanos deadline)
{
    const Nanos left = std::max<Nanos>(0, std::min(deadline, m_nextSweep) - monotonicNow());
    const timespec timeout{time_t(left / NanosPerSecond), long(left % NanosPerSecond)};
    std::array<epoll_event, 256> happened;
    const int count = ::epoll_pwait2(m_epoll, happened.data(), int(happened.size()), &timeout, nullptr);
    const Nanos now = monotonicNow();
    for (int index = 0; index < count; ++index) {
        const epoll_event &each = happened[std::size_t(index)];
        Connection &connection = *m_connections[std::uint32_t(each.data.u64)];
        if (connection.generation() == std::uint32_t(each.data.u64 >> GenerationShift))
            handle(connection, each.events, now);
    }
    if (now >= m_nextSweep)
        sweep(now);
}

void Arm::handle(Connection &connection, std::uint32_t happened, Nanos now)
{
    switch (connection.state()) {
    case Connection::State::Closed: // earlier in this very batch
        return;
    case Connection::State::Connecting:
        if (const int error = connection.finishConnecting(); error != 0) {
            fail(connection, describeSocketError(error), now);
            return;
        }
        --m_connecting;
        watch(connection, EPOLL_CTL_MOD, EPOLLIN);
        m_events.ready(connection, now);
        return;
    case Connection::State::Idle: // no reply is due: the peer has closed it, or speaks unasked
        drop(connection, now);
        return;
    case Connection::State::Sending:
        if ((happened & EPOLLOUT) != 0) {
            if (const int error = connection.sendMore(); error != 0) {
                fail(connection, describeSocketError(error), now);
                return;
            }
            if (connection.state() == Connection::State::Receiving)
                watch(connection, EPOLL_CTL_MOD, EPOLLIN);
        }
        if ((happened & ~std::uint32_t(EPOLLOUT)) != 0)
            receive(connection);
        return;
    case Connection::State::Receiving:
        receive(connection);
        return;
    }
}

void Arm::receive(Connection &connection)
{
    int error = 0;
    std::string_view input = connection.read(m_buffer, error);
    if (error == EAGAIN)
        return;
    const Nanos now = monotonicNow();
    ReplyScanner &reply = connection.reply();
    if (input.empty()) { // closed or broken
        reply.end();
        if (error == 0 && reply.isComplete())
            finishReply(connection, false, now);
        else
            fail(connection,
                 error != 0         ? describeSocketError(error)
                 : reply.hasBegun() ? "cut"
                                    : "closed unanswered",
                 now);
        return;
    }
    while (!input.empty() && !reply.isOver()) {
        const std::string_view piece = reply.take(input);
        if (!piece.empty())
            m_events.body(connection, piece, now);
    }
    if (reply.isMalformed())
        fail(connection, "malformed reply", now);
    else if (reply.isComplete())
        finishReply(connection, !input.empty(), now);
}

void Arm::finishReply(Connection &connection, bool hasSurplus, Nanos now)
{
    const ReplyScanner &reply = connection.reply();
    if (hasSurplus) {
        fail(connection, "bytes after the reply", now);
        return;
    }
    const bool isError = reply.status() >= ErrorStatus;
    const bool isEarly = connection.state() == Connection::State::Sending;
    --m_busy;
    connection.rest();
    if (isError)
        m_events.failed(connection, "status " + std::to_string(reply.status()), now);
    else if (isEarly)
        m_events.failed(connection, "answered before all was sent", now);
    else
        m_events.replied(connection, now);
    if (reply.keepsAlive() && !isEarly)
        m_events.ready(connection, now);
    else
        drop(connection, now);
}

void Arm::fail(Connection &connection, const std::string &kind, Nanos now)
{
    const bool hadRequest = connection.isBusy();
    connection.close(); // closing takes it out of epoll
    if (!hadRequest) {
        --m_connecting;
        m_events.unconnected(connection, kind, now);
        return;
    }
    --m_busy;
    m_events.failed(connection, kind, now);
    m_events.closed(connection, false, now);
}

void Arm::drop(Connection &connection, Nanos now)
{
    connection.close();
    m_events.closed(connection, true, now);
}

void Arm::sweep(Nanos now)
{
    m_nextSweep = now + SweepInterval;
    for (const auto &each : m_connections) {
        Connection &connection = *each;
        const bool isClosed = connection.state() == Connection::State::Closed;
        if (connection.due() == 0 || connection.state() == Connection::State::Idle)
            continue;
        if (connection.due() > now) {
            if (isClosed)
                m_nextSweep = std::min(m_nextSweep, connection.due());
            continue;
        }
        if (isClosed) {
            connection.setDue(0);
            open(connection);
        } else {
            fail(connection, connection.isBusy() ? "timeout" : "connect timeout", now);
        }
    }
}

void Arm::closeAll()
{
    for (const auto &connection : m_connections)
        connection->close();
    m_connecting = 0;
    m_busy = 0;
}

std::string describeSocketError(int error)
{
    switch (error) {
    case ECONNREFUSED:
        return "connection refused";
    case ECONNRESET:
    case EPIPE:
        return "connection reset";
    case EMFILE:
    case ENFILE:
        return "too many open files";
    case EADDRNOTAVAIL:
        return "no local port left";
    case ETIMEDOUT:
        return "connect timeout";
    default:
        // Only the generator's thread has errors to describe.
        return std::strerror(error); // NOLINT(concurrency-mt-unsafe)
    }
}

base::Result<Address> findTarget(const Target &target, double seconds)
{
    const std::string where = target.host + ":" + std::to_string(target.port);
    const auto address = parseAddress(target.host, target.port);
    if (!address)
        return base::unexpected(base::Errc::UpstreamNotFound, where + " is no numeric address");
    Connection connection(0);
    int error = connection.open(*address);
    if (error == 0) {
        pollfd writable{connection.descriptor(), POLLOUT, 0};
        error = ::poll(&writable, 1, int(seconds * 1000)) == 1 ? connection.finishConnecting() : ETIMEDOUT;
    }
    if (error != 0)
        return base::unexpected(base::Errc::UpstreamRefused,
                                target.name + ", " + where + ": " + describeSocketError(error));
    return *address;
}

} // namespace weir::load
