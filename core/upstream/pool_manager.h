// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "upstream/pool.h"
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace weir::upstream {

/// The pools, one per provider and origin: two providers never share a connection. Proxy thread.
class PoolManager : public QObject
{
    Q_OBJECT
public:
    /// `clock` is borrowed for the manager's life.
    PoolManager(PoolOptions options, LaneKinds kindOf, const base::Clock &clock, QObject *parent = nullptr);
    ~PoolManager() override;

    /// The pool of a provider and origin, made at the first call.
    Pool &pool(const std::string &provider, const Origin &origin);
    void drain();
    /// In the order in which they were made.
    std::vector<const Pool *> pools() const;

private:
    const PoolOptions m_options;
    const LaneKinds m_kindOf;
    const base::Clock &m_clock;
    std::map<std::pair<std::string, std::string>, Pool *> m_byName;
    std::vector<std::unique_ptr<Pool>> m_pools;
};

} // namespace weir::upstream
