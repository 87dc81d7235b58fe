// SPDX-License-Identifier: GPL-3.0-or-later
#include "load/arm.h"
#include <chrono>
#include <sys/epoll.h>

namespace weir::load {

Arm::Nanos monotonicNow()
{
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

Arm::Arm(std::string name, std::uint16_t port, std::string request, std::size_t connectionsMax)
    : m_name(std::move(name)), m_port(port), m_request(std::move(request)), m_connectionsMax(connectionsMax)
{
}

Arm::~Arm() = default;

base::Result<void> Arm::open(int epoll, std::size_t count)
{
    m_epoll = epoll;
    while (m_connections.size() < count) {
        auto connection = Http1Connection::open(m_port);
        if (!connection)
            return base::Unexpected{connection.error()};
        const int descriptor = (*connection)->descriptor();
        epoll_event event{};
        event.events = EPOLLIN;
        event.data.fd = descriptor;
        ::epoll_ctl(m_epoll, EPOLL_CTL_ADD, descriptor, &event);
        m_connections.emplace(descriptor, Slot{std::move(*connection), 0});
        m_free.push_back(descriptor);
    }
    return {};
}

bool Arm::addConnection()
{
    return m_connections.size() < m_connectionsMax && open(m_epoll, m_connections.size() + 1).has_value();
}

void Arm::request(Nanos intended)
{
    if (m_free.empty() && !addConnection()) {
        m_waiting.push_back(intended);
        return;
    }
    const int descriptor = m_free.front();
    m_free.pop_front();
    start(m_connections.at(descriptor), intended);
}

void Arm::start(Slot &slot, Nanos intended)
{
    slot.intended = intended;
    ++m_inFlight;
    if (!slot.connection->send(m_request)) {
        --m_inFlight;
        m_samples.addFailure();
        drop(slot.connection->descriptor());
    }
}

int Arm::received(int descriptor)
{
    Slot &slot = m_connections.at(descriptor);
    if (!slot.connection->isBusy()) { // an idle connection was closed
        std::erase(m_free, descriptor);
        drop(descriptor);
        return 0;
    }
    switch (slot.connection->receive()) {
    case Http1Connection::Progress::Pending:
        return 0;
    case Http1Connection::Progress::Done:
        m_samples.add(monotonicNow() - slot.intended);
        break;
    case Http1Connection::Progress::Failed:
        m_samples.addFailure();
        --m_inFlight;
        drop(descriptor);
        return 1;
    }
    --m_inFlight;
    if (m_waiting.empty()) {
        m_free.push_back(descriptor);
    } else {
        const Nanos intended = m_waiting.front();
        m_waiting.pop_front();
        start(slot, intended);
    }
    return 1;
}

void Arm::drop(int descriptor)
{
    m_connections.erase(descriptor); // closing takes it out of epoll
}

void Arm::giveUp()
{
    for (std::size_t left = outstanding(); left > 0; --left)
        m_samples.addFailure();
    m_waiting.clear();
    m_free.clear();
    m_connections.clear();
    m_inFlight = 0;
}

} // namespace weir::load
