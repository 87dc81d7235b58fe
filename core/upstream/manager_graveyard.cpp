// SPDX-License-Identifier: GPL-3.0-or-later
#include "upstream/manager_graveyard.h"

#include <algorithm>

namespace weir::upstream {

ManagerGraveyard::~ManagerGraveyard()
{
    for (const auto &thread : m_threads)
        thread->wait();
}

void ManagerGraveyard::bury(std::unique_ptr<QNetworkAccessManager> manager)
{
    std::erase_if(m_threads, [](const auto &thread) { return thread->isFinished() && thread->wait(); });
    QNetworkAccessManager *const buried = manager.release();
    m_threads.emplace_back(QThread::create([buried] { delete buried; }));
    QThread *const thread = m_threads.back().get();
    buried->moveToThread(thread);
    thread->start();
}

} // namespace weir::upstream
