// SPDX-License-Identifier: GPL-3.0-or-later
#include "exchanges/caller.h"

namespace weir::exchanges {

void Caller::startReply()
{
    m_reader.start(!m_isHead.empty() && m_isHead.front());
}

void Caller::update()
{
    const QByteArray &all = m_client.received();
    if (all.size() > m_read)
        m_reader.feed(all.mid(m_read));
    m_read = all.size();
    if (isClosed())
        m_reader.finish();
}

void Caller::endReply()
{
    const bool isInterim = reply().start.startsWith('1');
    if (!isInterim && !m_isHead.empty())
        m_isHead.pop_front();
}

} // namespace weir::exchanges
