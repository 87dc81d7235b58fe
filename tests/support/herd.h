// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <QByteArray>
#include <QTcpSocket>
#include <vector>

namespace weir::test {

/// Many clients that ask at the same time, each one request after the other. Request n tells its number in
/// the field X-Test-Id, so that the simulated provider's arrivals can be counted by it.
class Herd
{
public:
    struct Answer
    {
        int status = 0;       ///< 0 = none came
        bool isWhole = false; ///< else it was cut
    };

    /// Sends `count` requests, the n-th for the model `modelOf(n)`, over `atOnce` connections. False if
    /// they are not all over within `timeoutMs`.
    bool run(quint16 port, int count, int atOnce, std::function<QByteArray(int)> modelOf, int timeoutMs);

    /// What each request got; more than one entry would be an answer to nothing.
    const std::vector<std::vector<Answer>> &answers() const { return m_answers; }
    int count(const std::function<bool(const Answer &)> &is) const;

private:
    struct Client
    {
        QTcpSocket socket;
        QByteArray received;
        int asks = -1; // number of the request under way; -1 = none
        int lastAsked = -1;
    };

    void next(Client &client);
    void send(Client &client);
    void read(Client &client);
    void lost(Client &client);

    quint16 m_port = 0;
    int m_next = 0;
    int m_over = 0;
    std::function<QByteArray(int)> m_modelOf;
    std::vector<std::vector<Answer>> m_answers;
    std::vector<std::unique_ptr<Client>> m_clients;
};

/// How often each request has arrived, by the number in X-Test-Id.
template<typename Arrivals>
std::map<int, int> countById(const Arrivals &arrivals)
{
    constexpr QByteArrayView Field = "x-test-id: ";
    std::map<int, int> counts;
    for (const auto &request : arrivals) {
        const qsizetype at = request.headers.toLower().indexOf(Field);
        const qsizetype from = at + Field.size();
        ++counts[at < 0 ? -1 : request.headers.mid(from, request.headers.indexOf('\n', from) - from).toInt()];
    }
    return counts;
}

} // namespace weir::test
