// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "ui/models/desk.h"
#include <algorithm>
#include <deque>
#include <QPointer>

namespace weir::test {

/// Keeps what it is asked until the test answers.
class FakeDesk final : public ui::Desk
{
public:
    struct Asked
    {
        pipeline::Question question;
        QPointer<QObject> context;
        Then then;
    };

    void ask(const pipeline::Question &question, QObject *context, Then then) override
    {
        open.push_back({question, context, std::move(then)});
    }

    bool isAsked(const char *method, const char *path) const
    {
        return std::any_of(open.begin(), open.end(), [&](const Asked &asked) {
            return asked.question.method == method && asked.question.path() == path;
        });
    }

    /// Answers the oldest open question of this method and path; false if there is none.
    bool answer(const char *method, const char *path, const ui::Reply &reply)
    {
        for (auto asked = open.begin(); asked != open.end(); ++asked) {
            if (asked->question.method != method || asked->question.path() != path)
                continue;
            const Asked found = *asked;
            open.erase(asked);
            if (found.context)
                found.then(reply);
            return true;
        }
        return false;
    }

    std::deque<Asked> open;
};

inline ui::Reply worked(const QJsonObject &json)
{
    return {json, base::Errc::None, {}};
}

inline ui::Reply failed(base::Errc code, const QString &trouble)
{
    return {{}, code, trouble};
}

} // namespace weir::test
