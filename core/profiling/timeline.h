// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "profiling/stage.h"
#include <array>
#include <optional>

namespace weir::profiling {

/// Stamps of one exchange. A value of fixed size; marking is one store.
/// Built without WEIR_PROFILING, or switched off, marks of single stages are dropped; what the totals of a record
/// need (HeadDone, FirstChunk, FirstToken, Finished and Weir's own time) is always kept.
class Timeline
{
public:
    explicit Timeline(bool detailed = true) : m_detailed(detailed) {}

    /// Keeps the first stamp of a stage; later ones are ignored.
    void mark(Stage stage, base::Instant at)
    {
#ifdef WEIR_PROFILING
        const bool kept = m_detailed || isEssential(stage);
#else
        const bool kept = isEssential(stage);
#endif
        base::Instant &slot = m_at[static_cast<std::size_t>(stage)];
        if (kept && slot == base::Instant{})
            slot = at;
    }

    std::optional<base::Instant> at(Stage stage) const
    {
        const base::Instant stamp = m_at[static_cast<std::size_t>(stage)];
        return stamp == base::Instant{} ? std::nullopt : std::optional(stamp);
    }

    /// Time between two stages if both were passed.
    std::optional<base::Duration> between(Stage from, Stage to) const
    {
        const auto begin = at(from);
        const auto end = at(to);
        if (!begin || !end)
            return std::nullopt;
        return *end - *begin;
    }

    /// Adds time that Weir itself spent: everything but waiting for the client, a lane, or the upstream.
    void addOwn(base::Duration spent) { m_own += spent; }
    base::Duration own() const { return m_own; }

private:
    static constexpr bool isEssential(Stage stage)
    {
        return stage == Stage::HeadDone || stage == Stage::FirstChunk || stage == Stage::FirstToken
            || stage == Stage::Finished;
    }

    std::array<base::Instant, StageCount> m_at{};
    base::Duration m_own{};
    bool m_detailed;
};

} // namespace weir::profiling
