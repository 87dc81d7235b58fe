// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <memory>
#include <QNetworkAccessManager>
#include <QThread>
#include <vector>

namespace weir::upstream {

/// Where QNetworkAccessManagers end. The destructor of one waits up to five seconds for the thread it hides,
/// which an upstream that sends faster than Qt reads keeps from ending; the proxy thread must not wait
/// with it. So each is destroyed in a short-lived thread of its own. Shared by the lanes of a pool; used from
/// the proxy thread. Its own destructor, when the pool has gone, waits for what is left.
class ManagerGraveyard
{
public:
    ManagerGraveyard() = default;
    ~ManagerGraveyard();
    ManagerGraveyard(const ManagerGraveyard &) = delete;
    ManagerGraveyard &operator=(const ManagerGraveyard &) = delete;

    /// Its replies are gone already.
    void bury(std::unique_ptr<QNetworkAccessManager> manager);

private:
    std::vector<std::unique_ptr<QThread>> m_threads;
};

} // namespace weir::upstream
