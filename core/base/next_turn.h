// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <QObject>

namespace weir::base {

/// Does its work at the next turn of the event loop, once, however often it was asked meanwhile: for what
/// must not be done where it is noticed, because those whom it concerns are on the stack. Costs one event,
/// where a queued call of a function costs three times as much, and an exchange would make several. Belongs
/// to the thread that made it.
class NextTurn final : public QObject
{
public:
    /// `work` may ask again: that is for the turn after. It is not called after this object has gone.
    explicit NextTurn(std::function<void()> work) : m_work(std::move(work)) {}

    void ask();

protected:
    bool event(QEvent *event) override;

private:
    const std::function<void()> m_work;
    bool m_isAsked = false;
};

} // namespace weir::base
