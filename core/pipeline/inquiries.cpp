// SPDX-License-Identifier: GPL-3.0-or-later
#include "pipeline/inquiries.h"

#include <string>
#include <utility>
#include <vector>

namespace weir::pipeline {

using base::Errc;
using base::ExchangeId;
using base::Result;

Inquiries::Inquiries(Bounds bounds, const base::Clock &clock, Late late)
    : m_bounds(bounds), m_clock(clock), m_late(std::move(late)), m_check(this)
{
    m_check.setInterval(CheckEvery);
    connect(&m_check, &QTimer::timeout, this, &Inquiries::expire);
}

Result<void> Inquiries::ask(ExchangeId id, std::int64_t asker, Send send)
{
    Q_ASSERT(!m_waiting.contains(id) && !m_sent.contains(id));
    if (m_waiting.size() + m_sent.size() >= m_bounds.ofAll)
        return base::unexpected(Errc::TooManyQuestions, std::to_string(m_bounds.ofAll) + " of all clients");
    if (const auto known = m_ofAsker.find(asker); known != m_ofAsker.end() && known->second >= m_bounds.ofOne)
        return base::unexpected(Errc::TooManyQuestions, std::to_string(m_bounds.ofOne) + " of this client");
    ++m_ofAsker[asker];
    m_waiting.emplace(id, Inquiry{asker, m_clock.coarseNow() + AnswerWait, std::move(send)});
    if (!m_check.isActive())
        m_check.start();
    sendNext();
    return {};
}

bool Inquiries::take(ExchangeId id)
{
    const auto answered = m_sent.extract(id);
    if (answered.empty())
        return false;
    countOff(answered.mapped().asker);
    sendNext();
    return answered.mapped().isWanted;
}

void Inquiries::drop(ExchangeId id)
{
    if (const auto waited = m_waiting.extract(id))
        countOff(waited.mapped().asker);
    else if (const auto sent = m_sent.find(id); sent != m_sent.end())
        sent->second.isWanted = false;
}

void Inquiries::expire()
{
    const base::Instant now = m_clock.now();
    std::vector<ExchangeId> late;
    for (const Line *line : {&m_waiting, &m_sent}) {
        for (const auto &[id, inquiry] : *line) {
            if (inquiry.isWanted && inquiry.deadline <= now)
                late.push_back(id);
        }
    }
    for (const ExchangeId id : late)
        drop(id);
    for (const ExchangeId id : late)
        m_late(id);
    if (m_waiting.empty() && m_sent.empty())
        m_check.stop();
}

void Inquiries::sendNext()
{
    while (m_sent.size() < m_bounds.atOnce && !m_waiting.empty()) {
        auto next = m_waiting.extract(m_waiting.begin());
        const ExchangeId id = next.key();
        const std::int64_t asker = next.mapped().asker;
        const Send send = std::move(next.mapped().send);
        m_sent.insert(std::move(next));
        if (!send()) {
            m_sent.erase(id);
            countOff(asker);
        }
    }
}

void Inquiries::countOff(std::int64_t asker)
{
    const auto known = m_ofAsker.find(asker);
    if (--known->second == 0)
        m_ofAsker.erase(known);
}

} // namespace weir::pipeline
