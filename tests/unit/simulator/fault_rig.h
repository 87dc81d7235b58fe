// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
#include "simulator/simulator.h"
#include <memory>
#include <QTest>

namespace weir::simulator {

/// A simulator whose streams are short and come without a pause, and what it has served.
class FaultRig
{
protected:
    /// A new one; to be called before each test.
    void start()
    {
        served.clear();
        Options options;
        options.chunkGapMs = 0;
        options.chunkCount = 3;
        simulator = std::make_unique<Simulator>(options);
        QObject::connect(simulator.get(), &Simulator::served, simulator.get(),
                         [this](const Arrived &record) { served += record; });
        const auto listening = simulator->listen();
        QVERIFY(listening);
        port = *listening;
    }

    std::unique_ptr<Simulator> simulator;
    quint16 port = 0;
    QList<Arrived> served;
};

} // namespace weir::simulator
