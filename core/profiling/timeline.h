// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "base/clock.h"
#include "profiling/stage.h"
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <optional>

namespace weir::profiling {

/// The parts of Weir's own time, each beside the stage that it begins or ends with.
enum class Work : std::uint8_t
{
    Deciding,  ///< from HeadDone: the steps on the head
    Preparing, ///< to Queued: a gathered body read, the call made
    Sending,   ///< to RequestSent: since connection and body had both been there
    Head,      ///< from ReplyBegan: the reply's head passed on
    Answer,    ///< from FirstToken, else FirstChunk: that piece passed on
    Ending,    ///< from ReplyEnded: the end passed on
};
inline constexpr std::size_t WorkCount = 6;

/// Stamps of one exchange. A value of fixed size; marking is one store.
/// Built without WEIR_PROFILING, or switched off, marks of single stages are dropped; what the totals of a
/// record need (HeadDone, FirstChunk, FirstToken, Finished and Weir's own time) is always kept.
class Timeline
{
public:
    explicit Timeline(bool detailed = true) : m_detailed(detailed) {}

    bool isDetailed() const
    {
#ifdef WEIR_PROFILING
        return m_detailed;
#else
        return false;
#endif
    }

    /// Keeps the first stamp of a stage; later ones are ignored.
    void mark(Stage stage, base::Instant at)
    {
        base::Instant &slot = m_at[static_cast<std::size_t>(stage)];
        if ((isDetailed() || isEssential(stage)) && slot == base::Instant{})
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
    void addOwn(Work work, base::Duration spent)
    {
        m_own[static_cast<std::size_t>(work)] += spent;
    }

    /// Whether anybody wants to know of one more piece of the reply.
    bool wantsPiece() const
    {
        return isDetailed() || !at(Stage::FirstToken);
    }
    /// A piece of the reply was passed on, `spent` after it had come; before FirstToken is marked for it. Of
    /// all pieces only the one that is waited for is Weir's own time, the first content, or without any the
    /// first piece: those behind it come while their reader still reads, so that their sum says nothing.
    void addPiece(base::Duration spent)
    {
        if (at(Stage::FirstToken))
            return;
        if (!m_firstPiece)
            m_firstPiece = spent;
        m_untilContent = spent;
    }

    base::Duration own(Work work) const
    {
        if (work == Work::Answer)
            return at(Stage::FirstToken) ? m_untilContent : m_firstPiece.value_or(base::Duration{});
        return m_own[static_cast<std::size_t>(work)];
    }
    /// By how much Weir has delayed the first token and, once the reply had ended, the end.
    base::Duration own() const
    {
        return std::accumulate(m_own.begin(), m_own.end(), own(Work::Answer));
    }

private:
    static constexpr bool isEssential(Stage stage)
    {
        return stage == Stage::HeadDone || stage == Stage::FirstChunk || stage == Stage::FirstToken ||
               stage == Stage::Finished;
    }

    std::array<base::Instant, StageCount> m_at{};
    std::array<base::Duration, WorkCount> m_own{}; // but of Answer, which is known when content is
    std::optional<base::Duration> m_firstPiece;
    base::Duration m_untilContent{}; // of the last piece before FirstToken was marked, for which it was
    bool m_detailed;
};

} // namespace weir::profiling
