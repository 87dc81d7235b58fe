// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include <deque>
#include <QByteArray>
#include <QIODevice>

namespace weir::upstream {

/// A request body on its way into QNetworkAccessManager: what the client has sent and Qt has not taken yet.
/// Sequential and impossible to rewind on purpose: Qt re-sends a request by itself when it can rewind the
/// body, and a POST sent twice is billed twice.
class BodyDevice final : public QIODevice
{
    Q_OBJECT
public:
    explicit BodyDevice(QObject *parent);

    void append(QByteArray bytes);
    void finish();
    qsizetype heldSize() const { return m_heldSize; }

    bool isSequential() const override { return true; }
    bool reset() override { return false; }
    bool atEnd() const override { return m_finished && m_heldSize == 0; }
    qint64 bytesAvailable() const override { return m_heldSize; }

Q_SIGNALS:
    /// Qt has taken something.
    void taken();
    /// Qt has taken the last byte. Once.
    void exhausted();

protected:
    qint64 readData(char *data, qint64 size) override;
    qint64 writeData(const char *, qint64) override { return -1; }

private:
    std::deque<QByteArray> m_pieces;
    qsizetype m_firstOffset = 0; // into the first piece
    qsizetype m_heldSize = 0;
    bool m_finished = false;
    bool m_exhaustedTold = false;
};

} // namespace weir::upstream
